"""One family of errors for everything that the council's systems do to us; each carries its policy and its words."""

from __future__ import annotations

from datetime import timedelta


class BackOfficeError(Exception):
    """A council system could not do what was asked. `response` names the sentence in domain.yml for the citizen."""

    retryable = False
    settles = timedelta(0)  # real time until the system has done what it was asked, if it ever does
    response = "utter_request_refused"


class BackOfficeUnavailable(BackOfficeError):
    """The system did not answer in time, or answered with nonsense, and has not taken the request: try later."""

    retryable = True
    response = "utter_request_kept_for_later"

    def __init__(self, why: str = "", *, reasons: tuple[str, ...] = ()) -> None:
        """`reasons`: the system's own words, for staff, where it did answer."""
        super().__init__(why)
        self.reasons = reasons


class OutcomeUnknown(BackOfficeUnavailable):
    """The connection broke after the request had left: it may have been taken. Look for it before sending again."""


class StillUnderWay(OutcomeUnknown):
    """It did not answer in time, and may be at work yet: what is not to be found now may be there in a moment."""

    settles = timedelta(seconds=60)


class BackOfficeRefused(BackOfficeError):
    """The system will not take the request as it is; `reasons` are its own words, for staff."""

    def __init__(self, status: int, reasons: list[str]) -> None:
        super().__init__(f"answered {status}")
        self.status, self.reasons = status, reasons


class NotFound(BackOfficeError):
    """The system knows nothing under this reference."""

    response = "utter_reference_unknown"
