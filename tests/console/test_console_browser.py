"""The pages that show requests and measures in a real browser: nothing sticks out, and axe finds nothing."""

import os
from pathlib import Path
from typing import Any

import pytest
from axe import found_by_axe
from browsing import ARGUMENTS, CHROMIUM, take_pictures, visited
from playwright.async_api import async_playwright

from engagement.values import Notice

LONG = "The Partnership for Highways, Bridges and Everything Else Limited"


@pytest.fixture
async def shown(console: Any, filled: Any) -> dict[str, str]:
    """Fourteen answered requests of a partner with a long name, four of them a no, the last with a hand-over."""
    log, conversation = console.log, ""
    for number in range(14):
        conversation = await console.web_chat("Potholes", number=number)
        await log.requests.open(
            key=f"p{number}", conversation_id=conversation, service_code="STREETLIGHT", service_name="Street light", report={}
        )
        await log.requests.sent(f"p{number}", reference=f"ASH-P{number}", token=None, service_notice=None, told=True, agency=LONG)
        await log.watch.noticed(
            [Notice(reference=f"ASH-P{number}", source="push", update_id="1", word="done", given="FIXED", at=console.at)]
        )
        request = await log.requests.by_reference(f"ASH-P{number}")
        outcome = await log.outcomes.of_request(request.id)
        answer = "not_fixed" if number % 4 == 1 else "fixed"
        await log.outcomes.answer(outcome.id, answer, key="t", channel="web", words="It is still dark", remedy="with_team")
    await log.handovers.open(conversation, key="open", reason="outcome_not_fixed")
    console.move(days=4)
    return {
        "requests": "/requests", "disagreements": "/requests?show=disagreements", "measures": "/measures",
        "measure": "/measures/disagreement_rate", "costs": "/measures/cost_per_confirmed_outcome",
        "conversation": f"/conversations/{conversation}",
    }  # fmt: skip


async def test_pages_fit_and_axe_finds_nothing(console: Any, shown: dict[str, str], tmp_path: Path) -> None:
    pictures = Path(os.environ.get("HEARBACK_TEST_PICTURES", tmp_path))
    token = await signed_in(console)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        cookies = {"cookies": [{"name": "hearback_console", "value": token, "url": console.url}], "origins": []}
        for name, path in shown.items():
            async with visited(browser, console.url, path, storage_state=cookies) as page:
                await take_pictures(page, pictures, name)
                assert await found_by_axe(page) == [], name
                await page.set_viewport_size({"width": 320, "height": 900})
                assert await found_by_axe(page) == [], f"{name}, narrow"
        await browser.close()


async def signed_in(console: Any) -> str:
    person = await console.log.staff.by_name("ada")
    token, _ = await console.log.staff.sign_in(person)
    return str(token)
