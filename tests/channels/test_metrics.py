"""The numbers that the doors show: what waits, what was asked, who may read them; nothing of a citizen among them."""

from __future__ import annotations

import secrets
import uuid
from pathlib import Path

import pytest
from doors import open_doors
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain
from text_world import text_world

from engagement.values import InboundMessage
from hearback import metrics


def read(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """{(name, values of its labels): value} of a page."""
    return {(one.name, tuple(one.labels.values())): one.value for family in plain(text) for one in family.samples}


async def test_what_waits_is_shown_and_how_long(tmp_path: Path) -> None:
    async with open_doors(tmp_path) as doors:
        before = read((await doors.call("GET", "/metrics")).body.decode())
        assert before["hearback_queue_depth", ()] == 0 and before["hearback_log_up", ()] == 1
    async with open_doors(tmp_path) as doors:
        token, canary = await doors.begin(), f"zyzzyva{secrets.token_hex(6)}"
        for _ in range(3):
            said = {"text": f"{canary} call 07700 900123", "client_id": str(uuid.uuid4())}
            assert (await doors.call("POST", "/api/chat/messages", token=token, json=said)).status == 202
        await doors.call("GET", f"/{canary}")
        answer = await doors.call("GET", "/metrics")
        after = read(answer.body.decode())
        assert after["hearback_queue_depth", ()] == 3
        assert 0 < after["hearback_oldest_unanswered_seconds", ()] < 60
        key = ("hearback_messages_received_total", ("web",))
        assert after[key] - before.get(key, 0) == 3
        key = ("hearback_http_requests_total", ("/api/chat/messages", "2xx"))
        assert after[key] - before.get(key, 0) == 3
        assert after["hearback_log_commit_seconds_count", ()] > before["hearback_log_commit_seconds_count", ()]
        assert ("process_resident_memory_bytes", ()) in after
        assert canary not in answer.body.decode() and "900123" not in answer.body.decode()


async def test_the_log_is_asked_only_every_few_seconds(tmp_path: Path) -> None:
    async with open_doors(tmp_path) as doors:
        for _ in range(5):
            assert (await doors.call("GET", "/metrics")).status == 200
        assert doors.database.asked["depths"] == 1


async def test_both_formats_can_be_parsed(tmp_path: Path) -> None:
    async with open_doors(tmp_path) as doors:
        answer = await doors.call("GET", "/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
        assert "hearback_model" in {family.name for family in openmetrics(answer.body.decode())}
        answer = await doors.call("GET", "/metrics")
        assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("header", metrics.FORWARDED)
async def test_a_proxy_of_this_machine_opens_nothing(tmp_path: Path, header: str) -> None:
    async with open_doors(tmp_path) as doors:
        assert (await doors.call("GET", "/metrics", headers={header: "127.0.0.1"})).status == 403


async def test_with_a_token_only_the_token_opens(tmp_path: Path) -> None:
    async with open_doors(tmp_path, HEARBACK_METRICS_TOKEN="a long token") as doors:
        assert (await doors.call("GET", "/metrics")).status == 401
        assert (await doors.call("GET", "/metrics", token="another")).status == 401
        assert (await doors.call("GET", "/metrics", token="a long token", headers={"X-Forwarded-For": "192.0.2.1"})).status == 200


@pytest.mark.parametrize(
    ("remote", "may"), [("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("192.0.2.7", False), (None, False)]
)
def test_without_a_token_only_this_machine_reads(remote: str | None, may: bool) -> None:
    assert metrics.may_read(remote, lambda name: None, "") is may


async def test_texts_their_cost_and_what_twilio_refused_are_counted(tmp_path: Path) -> None:
    def now() -> dict[tuple[str, tuple[str, ...]], float]:
        return read(metrics.page("", None, "")[0].decode())

    async with text_world(tmp_path) as world:
        before = now()
        await world.becomes(await world.reply(1, "short", "and another"), "sent", "sent")
        await world.fault("21614")
        await world.becomes(await world.reply(2, "no such number"), "failed")
    after = now()

    def grew(name: str, *labels: str) -> float:
        return after[name, labels] - before.get((name, labels), 0)

    assert grew("hearback_sms_segments_total", "sms") == 2
    assert grew("hearback_sms_cost_pence_total", "sms") == pytest.approx(2 * 4.0, rel=0.5)
    assert grew("hearback_provider_errors_total", "21614", "twilio") == 1


async def test_a_message_keeps_the_trace_of_the_call_that_brought_it(tmp_path: Path) -> None:
    async with open_doors(tmp_path) as doors:
        token = await doors.begin()
        for _ in range(2):
            await doors.call("POST", "/api/chat/messages", token=token, json={"text": "hello", "client_id": str(uuid.uuid4())})
        (conversation,) = await doors.log.unanswered()
        traces = {one.trace for one in await doors.log.messages(conversation) if one.author == "citizen"}
        assert len(traces) == 2 and all(one and len(one) == 16 for one in traces)


async def test_a_texts_log_lines_have_the_trace_of_what_it_answers(tmp_path: Path) -> None:
    async with text_world(tmp_path) as world:
        await world.stop()
        await world.reply(3, "an answer")
        (out,) = await world.log.outbox.claim()
        asked = InboundMessage(channel="sms", provider_id="x", text="hello")
        assert out.trace and len(out.trace) == len(asked.trace) == 16 and out.trace != asked.trace
        world.start()
