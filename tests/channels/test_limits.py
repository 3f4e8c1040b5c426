"""How much may be asked for, by chat and by network address, and how a refusal says when to try again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
from camera import photo
from doors import Doors, open_doors

from channels import limits
from channels.keys import LIMITS
from channels.limits import Limit, Limits

THREE_A_MINUTE = Limit(name="three a minute", count=3, seconds=60)


@dataclass
class Time:
    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


def test_an_allowance_can_be_used_at_once_and_grows_back_evenly() -> None:
    time = Time()
    counted = Limits(time)
    assert [counted.take(THREE_A_MINUTE, "a") for _ in range(3)] == [0, 0, 0]
    assert counted.take(THREE_A_MINUTE, "a") == pytest.approx(20)
    time.at += 19
    assert counted.take(THREE_A_MINUTE, "a") == pytest.approx(1)
    time.at += 1.1
    assert counted.take(THREE_A_MINUTE, "a") == 0
    assert counted.take(THREE_A_MINUTE, "a") > 0
    time.at += 3600
    assert [bool(counted.take(THREE_A_MINUTE, "a")) for _ in range(4)] == [False, False, False, True]


def test_a_refusal_uses_nothing_up() -> None:
    time = Time()
    counted = Limits(time)
    for _ in range(100):
        counted.take(THREE_A_MINUTE, "a")
    time.at += 20.1
    assert counted.take(THREE_A_MINUTE, "a") == 0


def test_keys_and_limits_are_counted_apart_and_none_has_no_limit() -> None:
    counted, other = Limits(Time()), Limit(name="other", count=1, seconds=1)
    for _ in range(3):
        assert counted.take(THREE_A_MINUTE, "a") == counted.take(THREE_A_MINUTE, "b") == 0
    assert counted.take(other, "a") == 0
    assert not any(counted.take(other, None) for _ in range(1000))


def test_memory_stays_bounded_and_the_busiest_stay_limited() -> None:
    counted = Limits(Time())
    while not counted.take(THREE_A_MINUTE, "flood"):
        pass
    for key in range(limits.MOST_KEYS * 2):
        counted.take(THREE_A_MINUTE, str(key))
    assert len(counted._used) <= limits.MOST_KEYS
    assert counted.take(THREE_A_MINUTE, "flood") > 0


async def test_a_chat_that_floods_us_is_told_to_wait_and_loses_nothing(doors: Doors) -> None:
    token = await doors.begin()
    sent = await asyncio.gather(
        *(doors.call("POST", "/api/chat/messages", token=token, json={"text": f"message {n}"}) for n in range(limits.MOST_WAITING + 5))
    )
    refused = [one for one in sent if one.status != 202]
    assert [one.status for one in refused] == [429] * 5
    assert all(int(one.headers["Retry-After"]) >= 1 and "Wait for an answer" in one.error for one in refused)
    history = (await doors.call("GET", "/api/chat/messages", token=token)).body["messages"]
    assert sum(line["author"] == "citizen" for line in history) == limits.MOST_WAITING


async def test_a_message_that_is_sent_again_is_no_flood(doors: Doors) -> None:
    token, same = await doors.begin(), {"text": "hello", "client_id": "6a6f5e2e-0000-4000-8000-000000000001"}
    answers = [await doors.call("POST", "/api/chat/messages", token=token, json=same) for _ in range(limits.MOST_WAITING + 5)]
    assert {one.status for one in answers} == {202} and len({one.body["id"] for one in answers}) == 1


async def test_photos_of_a_chat_are_limited_with_the_time_of_the_next(doors: Doors) -> None:
    token, data = await doors.begin(), photo((40, 30))
    jpeg = {"Content-Type": "image/jpeg"}
    for _ in range(limits.PHOTOS.count):
        added = await doors.call("POST", "/api/chat/photos", token=token, data=data, headers=jpeg)
        assert added.status == 201, added.body
        await doors.call("DELETE", added.body["url"], token=token)
    refused = await doors.call("POST", "/api/chat/photos", token=token, data=data, headers=jpeg)
    assert refused.status == 429 and 100 <= int(refused.headers["Retry-After"]) <= 120 and "2 min" in refused.error


async def test_only_twenty_photos_wait_to_be_sent(doors: Doors) -> None:
    token, data = await doors.begin(), photo((40, 30))
    added = [
        await doors.call("POST", "/api/chat/photos", token=token, data=data, headers={"Content-Type": "image/jpeg"}) for _ in range(21)
    ]
    assert [one.status for one in added] == [201] * 20 + [409] and "20 photos" in added[-1].error
    assert len(list((doors.home / "photos").rglob("*.jpg"))) == 20


async def begin_from(doors: Doors, times: int, **headers: str) -> list[int]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return [(await doors.call("POST", "/api/chat/sessions", headers=sent)).status for _ in range(times)]


async def used_up(doors: Doors, address: str) -> None:
    while not await doors.app[LIMITS].take(limits.SESSIONS, address):
        pass


async def test_chats_are_limited_by_address_behind_a_proxy_that_we_trust(doors: Doors) -> None:
    await used_up(doors, "203.0.113.7")
    assert await begin_from(doors, 1, X_Forwarded_For="203.0.113.7") == [429]
    claimed = "198.51.100.1, 203.0.113.7, 127.0.0.1"
    assert await begin_from(doors, 1, X_Forwarded_For=claimed) == [429], "what the client wrote itself is not believed"
    assert await begin_from(doors, 1, X_Forwarded_For="203.0.113.8") == [201]
    assert await begin_from(doors, 1) == [201], "a program of this machine has no address"
    refused = await doors.call("POST", "/api/chat/sessions", headers={"X-Forwarded-For": "203.0.113.7", "Accept-Language": "pl,en;q=0.5"})
    assert "Spróbuj ponownie" in refused.error and int(refused.headers["Retry-After"]) >= 1
    page = await doors.call("POST", "/chat", data={"text": "hello"}, headers={"X-Forwarded-For": "203.0.113.7"})
    assert page.status == 429


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [("203.0.113.7:4711", "203.0.113.7"), ("[2001:db8::7]:443", "2001:db8::/64"), ("2001:DB8:0::7", "2001:db8::/64"),
     ("::ffff:203.0.113.7", "203.0.113.7"), ("unknown", "127.0.0.1"), ("203.0.113.7, nonsense", "127.0.0.1")],
)  # fmt: skip
async def test_an_address_is_the_same_in_every_spelling_and_an_ipv6_network_is_one(doors: Doors, forwarded: str, address: str) -> None:
    await used_up(doors, address)
    assert await begin_from(doors, 1, X_Forwarded_For=forwarded) == [429]


async def test_who_is_no_proxy_of_ours_names_no_address(tmp_path: Path) -> None:
    async with open_doors(tmp_path, HEARBACK_TRUSTED_PROXIES="192.0.2.1") as doors:
        await used_up(doors, "127.0.0.1")
        assert await begin_from(doors, 1, X_Forwarded_For="203.0.113.9") == [429]
