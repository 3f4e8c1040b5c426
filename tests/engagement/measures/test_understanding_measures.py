"""How well the assistant understands, worked out by hand."""

from typing import Any

import pytest

from engagement.log import EngagementLog
from engagement.values import InboundMessage, Understanding


@pytest.fixture
async def heard(city: Any, log: EngagementLog) -> str:
    """By text: eight messages of 0.8 and two of 0.6 about a pothole, two not understood; one picked choice."""
    intents = [("report_problem", 0.8)] * 8 + [("report_problem", 0.6)] * 2 + [("nlu_fallback", 0.3)] * 2
    conversation = ""
    for number, (intent, confidence) in enumerate(intents):
        inbound = InboundMessage(
            channel="sms", provider_id=f"H{number}", text="a hole", sender=f"+4477009{number:05}", received_by="+441632960000"
        )
        conversation = (await log.receive(inbound)).conversation_id
        await answer(log, conversation, intent, confidence)
    picked = InboundMessage(channel="sms", provider_id="P", text="1", payload="/affirm", conversation_id=conversation)
    await log.receive(picked)
    await answer(log, conversation, "affirm", 1.0)
    return conversation


async def answer(log: EngagementLog, conversation: str, intent: str, confidence: float) -> None:
    found = await log.next_message(conversation)
    assert found
    await log.answer(found.conversation, found.message.id, Understanding(intent=intent, confidence=confidence), [])


async def test_fallback_rate(heard: str, log: EngagementLog) -> None:
    found = (await log.measures.measured(names=["fallback_rate"]))["fallback_rate"]
    assert (found.whole.counted.numerator, found.whole.counted.denominator) == (2, 12)  # the picked choice is left out
    assert found.whole.counted.value == pytest.approx(1 / 6, abs=1e-6)
    assert [one.name for one in found.by["channel"]] == ["sms"]


async def test_mean_confidence(heard: str, log: EngagementLog) -> None:
    found = (await log.measures.measured(names=["mean_confidence"]))["mean_confidence"]
    whole = found.whole.counted
    # (8 x 0.8 + 2 x 0.6) / 10 = 0.76. Spread: (8 x 0.04^2 + 2 x 0.16^2) / 9 = 0.0064 / 9 x 10 = 0.0071; half of the interval:
    # 1.96 x sqrt(0.0071 / 10) = 0.0523.
    assert (whole.numerator, whole.denominator, whole.value) == (7.6, 10, 0.76)
    assert whole.interval == pytest.approx((0.7077, 0.8123), abs=2e-4)
    assert [(one.name, one.counted.denominator) for one in found.by["intent"]] == [("report_problem", 10), ("nlu_fallback", 0)]
