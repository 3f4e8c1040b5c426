"""Adds up after the run: the citizens' book, the engagement log, the back office's own list and what the provider took must agree."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from hearback.chaos.book import Book
from hearback.chaos.provider import Text

SHOWN = 5  # examples of what is wrong


@dataclass(frozen=True)
class Line:
    """One thing that must hold: how many were looked at, and what is wrong with which."""

    title: str
    looked_at: int
    wrong: list[str]


@dataclass(frozen=True)
class Kept:
    """What stands in the log's file and in the back office's, by rows."""

    messages: list[sqlite3.Row]
    requests: list[sqlite3.Row]
    in_back_office: list[sqlite3.Row]
    conversations: list[sqlite3.Row]
    checks: list[str]  # what SQLite itself finds wrong with the files


def read(home: Path) -> Kept:
    """Read both files when nobody writes any more."""
    with _opened(home / "hearback.db") as log, _opened(home / "sandbox" / "sandbox.db") as office:
        return Kept(
            log.execute("SELECT * FROM messages ORDER BY id").fetchall(),
            log.execute("SELECT * FROM requests ORDER BY id").fetchall(),
            office.execute("SELECT number, description FROM requests ORDER BY number").fetchall(),
            log.execute("SELECT * FROM conversations").fetchall(),
            [*_unsound(log), *_unsound(office)],
        )


@contextlib.contextmanager
def _opened(path: Path) -> Any:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def _unsound(connection: sqlite3.Connection) -> list[str]:
    told = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    return [one for one in told if one != "ok"] + [str(tuple(row)) for row in connection.execute("PRAGMA foreign_key_check")]


def add_up(kept: Kept, book: Book, texts: list[Text]) -> list[Line]:
    return [
        taken_once(kept, book),
        answered_once(kept),
        in_order(kept),
        windows(kept, book),
        requests_once(kept),
        references(kept, book),
        texts_once(kept, texts),
        texts_in_order(kept, texts),
        nothing_left(kept),
        Line("the files are sound, and counts agree with what they count", len(kept.conversations), kept.checks + _counts(kept)),
        Line("citizens read what they expected", len(book.said), book.off_script),
    ]


def taken_once(kept: Kept, book: Book) -> Line:
    """Every message that a door took stands in the log, once; nothing stands there that nobody sent."""
    stored = Counter(row["provider_id"].rpartition(":")[2] for row in kept.messages if row["author"] == "citizen")
    names = {one.name.replace("-", ""): one for one in book.said}
    wrong = [f"{one.channel} {name} stands there {stored[name]} times" for name, one in names.items() if one.taken and stored[name] != 1]
    wrong += [f"{name} was sent by nobody" for name in stored if name not in names]
    return Line("every accepted message is in the log once", book.taken, wrong)


def answered_once(kept: Kept) -> Line:
    """Every message has an answer; all lines of it were written in one commit, and none stands there twice."""
    answers = _answers(kept)
    heard = [row for row in kept.messages if row["author"] == "citizen"]
    wrong = []
    for row in heard:
        lines = answers[row["id"]]
        if row["state"] != "answered" and row["state"] != "joined":
            wrong.append(f"message {row['id']} is {row['state']}")
        elif not lines and row["state"] == "answered":
            wrong.append(f"message {row['id']} has no answer")
        elif len({line["created_at"] for line in lines}) > 1 or len({line["text"] for line in lines}) < len(lines):
            wrong.append(f"message {row['id']} was answered more than once")
    return Line("every message was answered exactly once", len(heard), wrong)


def in_order(kept: Kept) -> Line:
    """In each conversation the answers stand in the order of what they answer."""
    asked: dict[str, list[int]] = defaultdict(list)
    for row in kept.messages:
        if row["author"] == "bot" and row["reply_to"] is not None and row["page"] == 0:
            asked[row["conversation_id"]].append(row["reply_to"])
    wrong = [f"conversation {name}: {later} before {earlier}" for name, ids in asked.items() for earlier, later in pairwise(ids)
             if earlier > later]  # fmt: skip
    return Line("answers stand in the order of the messages", len(asked), wrong)


def windows(kept: Kept, book: Book) -> Line:
    """A window on the live line saw every line up to the last that it saw, once, in order."""
    lines: dict[str, list[int]] = defaultdict(list)
    for row in kept.messages:
        lines[row["conversation_id"]].append(row["id"])
    watched = [chat for chat in book.chats.values() if chat.live and chat.lines]
    wrong = [
        f"chat {chat.id} saw {chat.lines[:9]}" for chat in watched
        if chat.lines != [id for id in lines[chat.id] if id <= max(chat.lines)]
    ]  # fmt: skip
    return Line("every window saw every line once, in order", len(watched), wrong)


def requests_once(kept: Kept) -> Line:
    """What the log says was sent is in the back office once, and nothing else of ours."""
    there: dict[str, list[int]] = defaultdict(list)
    for row in kept.in_back_office:
        there[str(row["description"]).rpartition("[")[2].rstrip("]")].append(row["number"])
    ours = {_tag(row["key"]): row for row in kept.requests if not row["followed"]}
    wrong = [f"request {row['id']} ({row['state']}) is there as {there[tag]}" for tag, row in ours.items()
             if (row["state"] == "sent") != (len(there[tag]) == 1) or len(there[tag]) > 1]  # fmt: skip
    wrong += [
        f"request {row['id']} is {row['reference']} here and {there[tag]} there" for tag, row in ours.items()
        if row["state"] == "sent" and len(there[tag]) == 1 and row["reference"] != f"ASH-{there[tag][0]:06d}"
    ]  # fmt: skip
    wrong += [f"{numbers} are not in the log" for tag, numbers in there.items() if tag not in ours and numbers]
    return Line("every request is in the back office exactly once", len(ours), wrong)


def references(kept: Kept, book: Book) -> Line:
    """A reference that a citizen read is one of a request that was sent, and of one report only; every report's citizen heard it."""
    known = Counter(row["reference"] for row in kept.requests)
    wrong = [f"{reference} was told and is in the log {known[reference]} times" for reference in book.references if known[reference] != 1]
    wrong += [f"{reference} was told to {count}" for reference, count in Counter(book.references).items() if count > 1]
    wrong += [f"request {row['id']}'s citizen was not told" for row in kept.requests if row["state"] == "sent" and not row["told_at"]]
    return Line("every citizen was told the reference of their report", len(kept.requests), wrong)


def texts_once(kept: Kept, texts: list[Text]) -> Line:
    """Each text of ours was taken by the provider once, by the id that its receipt names."""
    taken = Counter(text.message for text in texts)
    ours = [row for row in kept.messages if row["channel"] == "sms" and row["author"] != "citizen"]
    how = {text.message: text.trouble for text in texts if text.trouble}
    wrong = [f"text {row['id']} ({row['state']}) was taken {taken[row['id']]} times {how.get(row['id'], '')}".rstrip() for row in ours
             if taken[row["id"]] != 1]  # fmt: skip
    wrong += [f"a text that is none of ours: {id}" for id in taken if id not in {row["id"] for row in ours}]
    return Line("every text was delivered once", len(ours), wrong)


def texts_in_order(kept: Kept, texts: list[Text]) -> Line:
    """Answers reach a phone in the order in which they were said."""
    answers = {row["id"] for row in kept.messages if not row["outreach"]}
    of: dict[str, list[int]] = defaultdict(list)
    for text in texts:
        if text.message in answers and text.message is not None:
            of[text.to].append(text.message)
    wrong = [f"text {later} before {earlier}" for ids in of.values() for earlier, later in pairwise(ids) if earlier > later]
    return Line("every phone got its answers in order", len(of), wrong)


def nothing_left(kept: Kept) -> Line:
    """Nothing waits any more: no message to be answered, no text to be sent, no request to be sent."""
    wrong = [f"message {row['id']} is {row['state']}" for row in kept.messages if row["state"] in ("received", "queued", "sending")]
    wrong += [f"text {row['id']} is {row['state']} ({row['error']})" for row in kept.messages if row["state"] in ("failed", "undelivered")]
    wrong += [f"request {row['id']} is {row['state']}" for row in kept.requests if row["state"] != "sent"]
    return Line("nothing is left to do", len(kept.messages) + len(kept.requests), wrong)


def _counts(kept: Kept) -> list[str]:
    """What lists filter by is what stands there."""
    held = Counter(row["conversation_id"] for row in kept.messages)
    waiting = Counter(row["conversation_id"] for row in kept.messages if row["state"] == "received")
    return [
        f"conversation {row['id']} counts {row['message_count']} lines and {row['unanswered']} waiting" for row in kept.conversations
        if row["message_count"] != held[row["id"]] or row["unanswered"] != waiting[row["id"]]
    ]  # fmt: skip


def _answers(kept: Kept) -> dict[int, list[sqlite3.Row]]:
    """What the assistant said to each message: further pages of an answer are no other answer, nor is "I have your message"."""
    found: dict[int, list[sqlite3.Row]] = defaultdict(list)
    kept_words = "have your message and will answer"
    for row in kept.messages:
        if row["author"] != "citizen" and row["reply_to"] is not None and row["page"] == 0 and kept_words not in row["text"]:
            found[row["reply_to"]].append(row)
    return found


def _tag(key: str) -> str:
    """How Hearback marks a request in the back office."""
    return f"HB-{hashlib.sha256(key.encode()).hexdigest()[:10].upper()}"
