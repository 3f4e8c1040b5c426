"""Codes go to mobiles that the council texts with, and a network address can have only so many sent."""

from __future__ import annotations

import pytest
from doors import open_doors

from channels import limits


async def test_one_address_cannot_have_codes_sent_to_any_number_of_phones(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    async with open_doors(tmp_path, HEARBACK_TRUSTED_PROXIES="127.0.0.1") as doors:
        statuses = []
        for n in range(limits.CODES_FROM.count + 1):
            headers = {"X-Forwarded-For": "203.0.113.7"}
            token = await doors.begin(headers)
            asked = await doors.call("POST", "/api/chat/phone", token=token, json={"phone": f"07700 9001{n:02}"}, headers=headers)
            statuses.append(asked.status)
        assert statuses == [202] * limits.CODES_FROM.count + [429] and int(asked.headers["Retry-After"]) > 0
        elsewhere = {"X-Forwarded-For": "203.0.113.8"}
        asked = await doors.call(
            "POST", "/api/chat/phone", token=await doors.begin(elsewhere), json={"phone": "07700 900199"}, headers=elsewhere
        )
        assert asked.status == 202


@pytest.mark.parametrize("number", ["07012 345678", "07700 900000"])
async def test_a_number_that_costs_extra_or_is_the_councils_own_gets_no_code(doors, number: str) -> None:  # type: ignore[no-untyped-def]
    asked = await doors.call("POST", "/api/chat/phone", token=await doors.begin(), json={"phone": number})
    assert asked.status == 422 and "mobile" in asked.error
