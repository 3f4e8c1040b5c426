"""What Twilio can do to a reply, with the whole of Hearback and the phone in the browser: a fault for each, chosen as its page does."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from clients import ConsoleApi
from stack import Stack, running_stack, until

NUMBERS = itertools.count(500)
POTHOLE = "there's a massive pothole outside 12 Mill Lane AD1 2BC"


class Handset:
    """A citizen's phone at the sandbox."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.number = stack, f"+447700900{next(NUMBERS)}"
        self.url, self.sid = f"{stack.sandbox_url}/phone", ""

    async def fault(self, mode: str, count: str = "1") -> None:
        """Choose what goes wrong with the form of the phone's page."""
        form = {"number": self.number, "mode": mode, "count": count}
        async with self.stack.http.post(f"{self.url}/faults", data=form, allow_redirects=False) as answer:
            assert answer.status == 303

    async def text(self, words: str) -> None:
        async with self.stack.http.post(f"{self.url}/messages", json={"number": self.number, "text": words}) as answer:
            assert answer.status == 201
            self.sid = (await answer.json())["sid"]

    async def inbox(self) -> list[str]:
        async with self.stack.http.get(f"{self.url}/messages", params={"number": self.number}) as answer:
            return [one["text"] for one in (await answer.json())["messages"] if one["direction"] == "outbound"]

    async def counted(self, line: int) -> bool:
        whole = await ConsoleApi(self.stack).of(self)  # type: ignore[arg-type]
        return [(one["segments"], one["cost"]) for one in whole["messages"] if one["id"] == line] == [(1, 4.0)]

    async def replies(self, seconds: float = 40.0) -> dict[str, Any]:
        """Wait until the newest reply has come to its end; the conversation as the team sees it."""

        async def look() -> dict[str, Any] | None:
            whole = await ConsoleApi(self.stack).of(self)  # type: ignore[arg-type]
            ended = whole["messages"][-1]["state"] in {"delivered", "undelivered", "failed"}
            return whole if ended and whole["messages"][-1]["author"] != "citizen" else None

        found = await until(look, seconds, "the end of the reply's journey")
        assert found is not None
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def with_phone() -> AsyncIterator[Stack]:
    """Hearback without Twilio, whose clock goes ten times as fast: waiting for another try is short."""
    away = dict.fromkeys(("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM", "HEARBACK_TWILIO_API", "HEARBACK_PUBLIC_URL"), "")
    async with running_stack(HEARBACK_TIME_SCALE="10", **away) as running:
        yield running


@pytest.fixture
def handset(with_phone: Stack) -> Handset:
    return Handset(with_phone)


@pytest.mark.parametrize("fault", ["", "429", "500", "timeout", "lost", "late_receipts", "out_of_order"])
async def test_the_reply_arrives_once(handset: Handset, fault: str) -> None:
    await handset.fault(fault)
    await handset.text(POTHOLE)
    line = (await handset.replies())["messages"][-1]
    assert (line["state"], line["error"], line["page"]) == ("delivered", None, 0)
    (arrived,) = await handset.inbox()
    assert arrived.startswith("How big is it?")
    # Without an answer of Twilio the receipt comes first, and the cost once its ten seconds are over.
    await until(lambda: handset.counted(line["id"]), 15, "the text's parts and cost")
    await handset.text("3")
    await handset.replies()
    assert [text.splitlines()[0] for text in await handset.inbox()] == ["How big is it?", "Where in the road is it?"]


@pytest.mark.parametrize(
    ("fault", "state", "error"), [("21614", "failed", "21614"), ("21610", "failed", "21610"), ("undelivered", "undelivered", "30003")]
)
async def test_the_team_sees_a_reply_that_did_not_arrive(handset: Handset, fault: str, state: str, error: str) -> None:
    await handset.fault(fault)
    await handset.text(POTHOLE)
    line = (await handset.replies())["messages"][-1]
    assert (line["state"], line["error"]) == (state, error)
    whole = await ConsoleApi(handset.stack).of(handset)  # type: ignore[arg-type]
    assert whole["undelivered"] == 1
    found = await ConsoleApi(handset.stack).conversations(state="undelivered")
    assert whole["id"] in [one["id"] for one in found]


async def test_a_reply_that_is_too_long_arrives_in_pieces(handset: Handset) -> None:
    await handset.text("help")  # Twilio's own answer, so that the phone has been used
    await handset.fault("21617")
    await handset.text("how do I pay council tax")
    line = (await handset.replies())["messages"][-1]
    assert line["state"] == "delivered"
    _, *pieces = await handset.inbox()
    assert "".join("".join(pieces).split()) == "".join(line["text"].replace("’", "'").split())
