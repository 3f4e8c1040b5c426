"""What news does to a request and its rounds: declared over, taken up again, a "no" acted upon."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, update

from engagement.outcome_events import OutcomeRows
from engagement.requests import as_request
from engagement.tables import outcomes, requests
from engagement.values import Notice
from hearback import costs


class Rounds(OutcomeRows):
    def _written(self, connection: Connection, outcome: Row[Any], notice: Notice, key: str) -> bool:
        return self._event(
            connection, outcome.id, key=key, at=notice.at, fact="progress", value=notice.word, given=notice.given, notes=notice.notes,
            source=notice.source,
        )  # fmt: skip

    def _apply(self, connection: Connection, row: Row[Any], outcome: Row[Any], notice: Notice, now: datetime) -> None:
        at = max(notice.at, row.progress_at) if row.progress_at else notice.at
        change: dict[str, Any] = {
            "status": "closed" if notice.closed else "open", "progress": notice.word, "progress_at": at,
            "status_notes": notice.notes if notice.notes is not None else row.status_notes,
            "detailed_status": notice.given or (row.detailed_status if row.progress == notice.word else None),
        }  # fmt: skip
        change |= {"agency_responsible": notice.agency} if notice.agency else {}
        change |= {"expected_at": notice.expected_at} if notice.expected_at else {}
        if notice.closed and outcome.declared != notice.word:
            change["declared_at"] = max(notice.at, row.created_at)
            self._say_done(connection, row, outcome, notice, now)
        elif not notice.closed and outcome.declared:
            change |= self._taken_up_again(connection, row, outcome, now)
        else:
            finer = {"declared_status": notice.given} if notice.closed and notice.given else {}
            self._change(connection, outcome.id, now, **who(outcome, notice), **finer)
        connection.execute(update(requests).where(requests.c.id == row.id).values(updated_at=now, **change))

    def _say_done(self, connection: Connection, row: Row[Any], outcome: Row[Any], notice: Notice, now: datetime) -> None:
        """The round is declared over. Its partner's fee is due once, for the first round of whoever reported it."""
        first = outcome.round == 1 and not row.followed
        fee = {"fee": costs.partner_fee(row.service_code) if notice.word == "done" else None} if first else {}
        self._declare(
            connection,
            outcome,
            now,
            word=notice.word,
            at=notice.at,
            declared_status=notice.given or "closed",
            **who(outcome, notice),
            **fee,
        )
        self._event(
            connection, outcome.id, key=f"{outcome.id}:declared:{notice.word}:{notice.at.isoformat()}", at=notice.at, fact="declared",
            value=notice.word, given=notice.given, notes=notice.notes, source=notice.source,
        )  # fmt: skip
        self._settle(connection, row, outcome, notice, now)

    def _settle(self, connection: Connection, row: Row[Any], outcome: Row[Any], notice: Notice, now: datetime) -> None:
        """Somebody has acted on the "no" of the round before, of this request or of the one that it is linked to."""
        before = and_(outcomes.c.request_id == row.id, outcomes.c.round < outcome.round)
        linked = and_(outcomes.c.reference == row.linked_to, outcomes.c.remedy_reference == row.reference, outcomes.c.remedy == "linked")
        of = or_(before, linked) if row.linked_to and row.reference else before
        unsettled = select(outcomes.c.id).where(of, outcomes.c.act_by.is_not(None), outcomes.c.settled_at.is_(None))
        for outcome_id in connection.execute(unsettled).scalars().all():
            self._change(connection, outcome_id, now, settled_at=notice.at)
            self._event(
                connection, outcome_id, key=f"{outcome_id}:settled", at=notice.at, fact="settled", value=notice.word, given=notice.given,
                source=notice.source,
            )  # fmt: skip

    def _taken_up_again(self, connection: Connection, row: Row[Any], outcome: Row[Any], now: datetime) -> dict[str, Any]:
        """The back office works on it again, of its own or because we asked: a new round, and the question of the old one lapses."""
        if outcome.state in ("waiting", "asked", "reminded"):
            self._change(connection, outcome.id, now, state="dropped", due_at=None)
        self._begin_round(connection, as_request(row), number=outcome.round + 1, now=now, task=outcome.task)
        return {"declared_at": None, "watch_at": now}


def who(outcome: Row[Any], notice: Notice) -> dict[str, Any]:
    if not notice.partner:
        return {}
    return {"agency_responsible": notice.agency or outcome.agency_responsible, "partner": notice.partner, "contractor": notice.contractor}
