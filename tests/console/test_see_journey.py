"""A person looks at the dashboards in a real browser: charts are drawn, tables stand beside them, nothing comes from elsewhere."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe import found_by_axe
from browsing import ARGUMENTS, CHROMIUM, take_pictures, visited
from playwright.async_api import Browser, Page, async_playwright, expect

from engagement.values import Notice

# A canvas is blank where all of its pixels are alike.
COLOURS = """canvas => new Set(new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size"""
PAGES = {
    "overview": "/measures", "engagement": "/measures/engagement", "understanding": "/measures/understanding", "tasks": "/measures/tasks",
    "outcomes": "/measures/outcomes", "partners": "/measures/partners", "costs": "/measures/costs", "channels": "/measures/channels",
    "measure": "/measures/task_funnel", "partner-list": "/partners", "partner": "/partners/Highways", "requests": "/requests?show=overdue",
    "request": "/requests/3",
}  # fmt: skip


@pytest.fixture
async def city(console: Any) -> None:
    """Three months of requests of three partners, with answers, tasks and a danger."""
    log, steps = console.log, ("where", "photo", "contact")
    console.move(days=-80)
    for number in range(60):
        console.move(days=1)
        partner = ("Highways", "Lumen", "The Partnership for Bridges and Everything Else Limited")[number % 3]
        reached = steps[: 1 + number % 3]
        journal = [{"task": "report_problem", "did": "begun", "step": steps[0]}]
        journal += [{"task": "report_problem", "did": "asked", "step": step} for step in reached]
        conversation = await console.web_chat("A pothole", journal=journal)
        await log.requests.open(key=f"k{number}", conversation_id=conversation, service_code="POTHOLE", service_name="Pothole", report={})
        await log.requests.sent(f"k{number}", reference=f"ASH-{number}", token=None, service_notice=None, told=True, agency=partner)
        await log.watch.noticed([Notice(reference=f"ASH-{number}", source="poll", word="done", at=console.at)])
        outcome = await log.outcomes.of_request((await log.requests.by_reference(f"ASH-{number}")).id)
        no = number % (2 + number % 3) == 0
        await log.outcomes.answer(
            outcome.id,
            "not_fixed" if no else "fixed",
            key="t",
            channel="web",
            words="It is still there",
            remedy="with_team" if no else None,
        )
    await log.hand_over(conversation, key="gas", reason="report_danger", priority=2)
    console.move(days=20)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


async def signed_in(console: Any) -> dict[str, Any]:
    token, _ = await console.log.staff.sign_in(await console.log.staff.by_name("ada"))
    return {"cookies": [{"name": "hearback_console", "value": token, "url": console.url}], "origins": []}


async def drawn(page: Page) -> None:
    """Every chart of the page that has a canvas has something on it, and a name."""
    canvases = page.locator("canvas")
    for number in range(await canvases.count()):
        canvas = canvases.nth(number)
        assert await canvas.get_attribute("role") == "img" and await canvas.get_attribute("aria-label")
        assert await canvas.evaluate(COLOURS) > 10


async def test_somebody_looks_at_the_dashboards(console: Any, city: None, browser: Browser, tmp_path: Path) -> None:
    pictures = Path(os.environ.get("HEARBACK_SCREENSHOTS", tmp_path))
    state = await signed_in(console)
    for name, path in PAGES.items():
        async with visited(browser, console.url, path, storage_state=state) as page:
            elsewhere: list[str] = []
            page.on("request", lambda request, of=elsewhere: of.append(request.url))
            await page.reload()
            await expect(page.get_by_role("region", name="Danger")).to_contain_text("1 danger reported by citizens")
            assert {urlsplit(url).netloc for url in elsewhere} == {urlsplit(console.url).netloc}
            await take_pictures(page, pictures, f"see-{name}")
            await drawn(page)
            assert await found_by_axe(page) == [], name
            await page.set_viewport_size({"width": 320, "height": 900})
            assert await found_by_axe(page) == [], f"{name}, narrow"
            if name == "outcomes":
                assert await page.locator("canvas").count() >= 5
                assert len(await page.pdf()) > 30_000


async def test_without_scripts_the_tables_say_it_all(console: Any, city: None, browser: Browser) -> None:
    async with visited(
        browser, console.url, "/measures/partners", storage_state=await signed_in(console), java_script_enabled=False
    ) as page:
        table = page.get_by_role("table", name="Disagreement", exact=False).first
        await expect(table.get_by_role("row").nth(1)).to_contain_text("%")
        await expect(page.locator("canvas")).to_have_count(0)


async def test_somebody_compares_this_month_and_goes_to_the_conversations(console: Any, city: None, browser: Browser) -> None:
    async with visited(browser, console.url, "/measures/outcomes", storage_state=await signed_in(console)) as page:
        await page.get_by_role("link", name="Last month").click()
        await expect(page.get_by_text("1 October 2026 to 31 October 2026, compared with 1 September 2026")).to_be_visible()
        await page.get_by_text("Other days").click()
        await page.get_by_label("From", exact=True).fill("2026-10-05")
        await page.get_by_label("To and with", exact=True).fill("2026-10-20")
        await page.get_by_role("button", name="Show").click()
        await expect(page.get_by_text("5 October 2026 to 20 October 2026")).to_be_visible()
        link = page.locator(".console-tile").first.get_by_role("link", name="denominator")
        assert "measure=confirmed_outcome_rate&of=denominator&start=2026-10-05&end=2026-10-20" in str(await link.get_attribute("href"))
        await link.click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Conversations")


async def test_who_has_chosen_colours_has_charts_in_them(console: Any, city: None, browser: Browser) -> None:
    async with visited(
        browser, console.url, "/measures/partners", storage_state=await signed_in(console), forced_colors="active", reduced_motion="reduce"
    ) as page:
        await expect(page.locator("canvas").first).to_be_visible()
        await drawn(page)


async def test_somebody_settles_a_no(console: Any, city: None, browser: Browser) -> None:
    async with visited(browser, console.url, "/requests?show=overdue", storage_state=await signed_in(console)) as page:
        await page.get_by_label("Partner", exact=True).select_option("Highways")
        await page.get_by_role("button", name="Show").click()
        await page.locator("tbody").get_by_role("link").first.click()
        await page.get_by_label("What was done").fill("The crew came back")
        await page.get_by_role("button", name="I have acted on it").click()
        await expect(page.get_by_role("status")).to_contain_text("acted on the citizen’s no")
        await expect(page.get_by_text("The crew came back")).to_be_visible()
