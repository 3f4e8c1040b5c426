"""Teaching as people do it, in a real browser: one marks, may not approve it, another approves it."""

import os
from pathlib import Path
from typing import Any

import pytest
from axe import found_by_axe
from browsing import ARGUMENTS, CHROMIUM, take_pictures, visited
from databases import environ_of
from playwright.async_api import Page, async_playwright

from console.parts import SETTINGS
from hearback.models import Models
from hearback.settings import Settings

SAID = "my name is John Smith, the signal box outside 12 Mill Lane AD3 4JH has lost its door"
TRAINED = {
    "before": {"intent": 0.925, "intent_two_typos": 0.84, "report_danger_recall": 0.989, "service_first": 0.865},
    "after": {"intent": 0.901, "intent_two_typos": 0.82, "report_danger_recall": 0.989, "service_first": 0.87},
    "reasons": [{"gate": "fall", "name": "intent", "before": 0.925, "after": 0.901, "limit": 0.01}],
    "changed": [
        {"set": "intents", "text": "deep hole by ours", "right": "report_problem", "before": "report_problem", "after": "ask_bin_day"},
    ],
    "batch": 1, "understood": 1.0, "earlier": 0, "earlier_understood": 1.0, "against": 1,
}  # fmt: skip


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return Path(os.environ.get("HEARBACK_SCREENSHOTS", tmp_path))


async def looked_at(page: Page, pictures: Path, name: str) -> None:
    await take_pictures(page, pictures, name)
    assert await found_by_axe(page) == [], name
    size = page.viewport_size
    await page.set_viewport_size({"width": 320, "height": 900})
    assert await found_by_axe(page) == [], f"{name}, narrow"
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320, name
    if size:
        await page.set_viewport_size(size)


async def test_one_person_marks_and_another_approves(console: Any, pictures: Path, tmp_path: Path) -> None:
    own = {**environ_of(tmp_path), "HEARBACK_MODELS": str(tmp_path / "models"), "HEARBACK_REVIEWED": str(tmp_path / "reviewed")}
    console.app._state[SETTINGS] = Settings.from_environ(own)
    await console.add("bob", "approver")
    services, considered = (
        [{"code": "SIGN", "score": 0.4}],
        [{"name": "inform", "confidence": 0.6}, {"name": "report_repair", "confidence": 0.2}],
    )
    conversation = await console.web_chat(SAID, intent="inform", services=services, intents=considered)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        async with visited(
            browser, console.url, f"/conversations/{conversation}", beside="status of 400", storage_state=await cookies(console, "bob")
        ) as page:
            await page.get_by_role("link", name="Was this understood?").click()
            assert "John Smith" in await page.locator("blockquote").inner_text()
            await looked_at(page, pictures, "teach-mark")
            await page.get_by_role("button", name="Continue").click()
            assert await page.get_by_role("alert").is_visible()
            await page.get_by_label("Wrong: I say below what is right").check()
            await page.get_by_label("What the citizen wants").select_option("Reports a problem in a street, park or public place")
            await page.get_by_label("What it is about (optional)").select_option(value="service:TRAFFICLIGHT")
            text = page.get_by_label("What would be taught")
            assert "Alex Taylor" in await text.input_value() and "AD3" not in await text.input_value()
            await text.fill((await text.input_value()).replace("my name is Alex Taylor, ", ""))
            await page.get_by_text("Mark words that say where or which").click()
            await page.get_by_label("The words that are the road").fill("Mill Lane")
            await page.get_by_role("button", name="Continue").click()
            assert await page.get_by_role("heading", name="Check what is taught").is_visible()
            await looked_at(page, pictures, "teach-confirm")
            await page.get_by_role("button", name="Nobody can be recognised: propose it").click()
            assert "A second person looks at it now" in await page.get_by_role("status").inner_text()
            assert "A second person has to decide" in await page.locator("main").inner_text()
            assert await page.get_by_role("button", name="Decide").count() == 0
        async with visited(browser, console.url, "/teach", storage_state=await cookies(console, "ada")) as page:
            await looked_at(page, pictures, "teach-waiting")
            await page.get_by_role("link", name="the signal box outside 14 Mill Lane").click()
            await looked_at(page, pictures, "teach-example")
            await page.get_by_label("Approve: it is right, and nobody can be recognised").check()
            await page.get_by_role("button", name="Decide").click()
            assert "The next training takes it up" in await page.get_by_role("status").inner_text()
            await page.goto(f"{console.url}/teach?show=approved")
            assert await page.get_by_role("button", name="Teach now").is_visible()
            await shown_of_trainings(console, page, pictures, Models.of(console.app[SETTINGS]))
        await browser.close()


async def shown_of_trainings(console: Any, page: Page, pictures: Path, models: Models) -> None:
    """A training as it runs and when it was refused, and the models."""
    teaching = await console.log.teaching.begin(by=1)
    await page.goto(f"{console.url}/teach/teachings/{teaching}")
    await looked_at(page, pictures, "teach-running")
    change = {
        "before": {"intent": "inform", "confidence": 0.6, "about": None},
        "after": {"intent": "report_problem", "confidence": 0.9, "about": "TRAFFICLIGHT"},
    }
    worst = [{"id": 1, "text": "the signal box", "intent": "report_problem", "told": "inform", "confidence": 0.6, "harm": 1}]
    result = {**TRAINED, "worst": worst, "examples": {"1": {**change, "understood": True}}}
    await console.log.teaching.end(teaching, "refused", result=result, changes={1: {**change, "understood": True}})
    await page.get_by_text("Why it was refused").wait_for()  # the page found out by itself
    await looked_at(page, pictures, "teach-refused")
    models.folder.mkdir()
    for name, files, why in (
        ("hearback-20261126-120000.tar.gz", {}, "trained"),
        ("hearback-20261126-130000.tar.gz", {"thanks.yml": "ta"}, "taught"),
    ):
        (models.folder / name).write_bytes(b"a model")
        record = {
            "model": name,
            "fingerprint": models.fingerprint(files),
            "reviewed": files,
            "examples": [1],
            "new": [1],
            "figures": TRAINED["after"],
        }
        models.promote({**record, "made_at": "2026-11-26T13:00:00+00:00", "by": "ada"}, why=why, by="ada")
    await page.goto(f"{console.url}/teach/models")
    await looked_at(page, pictures, "teach-models")
    await page.get_by_role("button", name="Go back to this one").click()
    assert "The assistant begins anew" in await page.get_by_role("status").inner_text()


async def cookies(console: Any, name: str) -> Any:
    person = await console.log.staff.by_name(name)
    token, _ = await console.log.staff.sign_in(person)
    return {"cookies": [{"name": "hearback_console", "value": token, "url": console.url}], "origins": []}
