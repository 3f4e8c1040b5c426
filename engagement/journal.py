"""Citizens' tasks from the first question to the end, as the assistant tells them turn by turn: who gives up where."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, literal, select, update

from engagement.database import Database
from engagement.tables import tasks
from engagement.values import Conversation


def keep_journal(
    connection: Connection,
    database: Database,
    conversation: Conversation,
    message_id: int,
    entries: Iterable[dict[str, Any]],
    now: datetime,
) -> None:
    """Write down what became of tasks in this turn, in its own commit.

    An entry is {"task": name, "did": "begun" | "turned" | "asked" | "ended", "to", "step", "end", "service"}; all but begun are of the
    latest task of that name that has not ended, and one that turned out to be another goes on under its name.
    """
    for number, entry in enumerate(entries):
        if entry["did"] == "begun":
            row = database.insert(tasks).values(
                key=f"{conversation.id}:{message_id}:{number}", conversation_id=conversation.id, channel=conversation.channel,
                task=entry["task"], service_code=entry.get("service"), started_at=now, stepped_at=now,
            )  # fmt: skip
            connection.execute(row.on_conflict_do_nothing(index_elements=["key"]))
            continue
        running = (tasks.c.conversation_id == conversation.id) & (tasks.c.task == entry["task"]) & tasks.c.end.is_(None)
        latest = select(tasks.c.id).where(running).order_by(tasks.c.id.desc()).limit(1).scalar_subquery()
        change: dict[str, Any] = {"stepped_at": now}
        change |= {"service_code": entry["service"]} if entry.get("service") else {}
        match entry["did"]:
            case "turned":
                change["task"] = entry["to"]
            case "asked":
                change |= _step(entry["step"])
            case "ended":
                change |= {"end": entry["end"], "ended_at": now}
        connection.execute(update(tasks).where(tasks.c.id == latest).values(**change))


def _step(step: str) -> dict[str, Any]:
    """The question that is put now, among those that were put before."""
    before = literal("|") + tasks.c.steps + literal("|")
    known = case((before.contains(f"|{step}|", autoescape=True), tasks.c.steps), else_=tasks.c.steps + literal(f"|{step}"))
    return {"step": step, "steps": case((tasks.c.steps.is_(None), literal(step)), else_=known)}
