"""What a "no" does: something is done about it at once, the team knows by when somebody must act, and the citizen hears both."""

from __future__ import annotations

from backoffice.errors import BackOfficeError, BackOfficeRefused, NotFound
from backoffice.reopening import dispute
from bot.actions.task import Here
from engagement.handovers import dispute_key
from engagement.values import Outcome
from hearback import profile

TOLD = {"reopened": "utter_outcome_reopened", "linked": "utter_outcome_linked", "with_team": "utter_outcome_with_team"}


async def not_done(here: Here, outcome: Outcome, answer: str, words: str, *, photo: str | None = None) -> str | None:
    """Write a "no" (not_fixed, partly) down and act on it, once; returns the reference to which more may be added, where there is one."""
    about_request = outcome.subject == "request"
    kept = "\n".join(part for part in (words, photo) if part)
    outcome = await here.services.log.outcomes.answer(
        outcome.id, answer, key=here.turn.key, channel=here.turn.channel, words=kept, remedy="reopening" if about_request else "with_team"
    )
    if outcome.subject == "handover":
        await _ask_again(here, outcome)
        return None
    reason = f"outcome_{answer}" if about_request else "outcome_support"
    await here.services.log.handovers.open(here.turn.conversation, key=dispute_key(outcome.id), reason=reason, details=outcome.dispute)
    if not about_request:
        here.say("utter_outcome_support_no")
        return None
    return await _remedy(here, outcome, words, photo)


async def _remedy(here: Here, outcome: Outcome, words: str, photo: str | None) -> str | None:
    log = here.services.log
    if outcome.remedy == "reopening":
        try:
            await _dispute(here, outcome, words, photo)
        except BackOfficeError:
            await log.outcomes.remedy_later(outcome)
            here.say("utter_outcome_kept", reference=outcome.reference or "", service=outcome.service_name or "")
            return None  # channels/asking.py does it, and tells
        outcome = await log.outcomes.one(outcome.id) or outcome
    if outcome.remedy == "linked" and outcome.remedy_reference is None:
        here.say("utter_outcome_kept", reference=outcome.reference or "", service=outcome.service_name or "")
        return None  # its number is told when the back office has given one
    here.say(
        TOLD[outcome.remedy or "with_team"], reference=outcome.reference or "", service=outcome.service_name or "",
        new=outcome.remedy_reference or "", partner=_partner(here, outcome), day=here.day(outcome.act_by or here.services.clock.now()),
        phone=profile.council()["phone"],
    )  # fmt: skip
    return None if outcome.remedy == "with_team" else outcome.remedy_reference or outcome.reference


async def _dispute(here: Here, outcome: Outcome, words: str, photo: str | None) -> None:
    """Tell the back office. It is safe to do so again where a turn is run again: `again` looks for what the first try did."""
    log = here.services.log
    assert outcome.request_id is not None and outcome.confirmed_at is not None
    request = await log.requests.one(outcome.request_id)
    try:
        done = await dispute(
            here.services.open311, reference=outcome.reference or "", tag=outcome.tag, words=words, at=outcome.confirmed_at,
            service_code=request.service_code, report=request.report, again=True,
            media_url=photo if (photo or "").startswith("http") else None,
        )  # fmt: skip
    except (BackOfficeRefused, NotFound):
        await log.outcomes.remedied(outcome.id, "with_team", told=True)
        return
    told = done.kind == "reopened" or done.reference is not None
    await log.outcomes.remedied(outcome.id, done.kind, reference=done.reference, token=done.token, told=told)


async def _ask_again(here: Here, outcome: Outcome) -> None:
    """The hand-over waits once more."""
    if outcome.handover_id is not None:
        await here.services.log.handovers.reopen(outcome.handover_id)
    council, day = profile.council(), here.day(outcome.act_by or here.services.clock.now())
    here.say("utter_outcome_handover_no", day=day, hours=profile.hours(here.turn.language), phone=council["phone"])


def _partner(here: Here, outcome: Outcome) -> str:
    return outcome.partner or outcome.agency_responsible or profile.name(here.turn.language)
