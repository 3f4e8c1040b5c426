"""The second factor: set up, asked for, taken once, lost, required."""

import asyncio
import re
from typing import Any

import pyotp
import pytest
from databases import environ_of

from hearback.people import manage
from hearback.settings import Settings

PASSWORD = "three random words"


def secret_of(page: str) -> str:
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
    assert found, page
    return found[1].replace(" ", "")


def code(console: Any, secret: str, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(console.at.timestamp()) + 30 * steps)


async def set_up(console: Any, browser: Any) -> tuple[str, list[str]]:
    secret = secret_of((await browser.get("/account/second-factor")).text)
    answer = await browser.post("/account/second-factor", code=code(console, secret))
    assert answer.status == 200, answer.text
    return secret, re.findall(r"<li><code>([a-z0-9]{5}-[a-z0-9]{5})</code>", answer.text)


@pytest.fixture
async def secured(console: Any) -> tuple[str, list[str]]:
    """ada with a second factor that she set up a minute ago: its secret and recovery codes."""
    made = await set_up(console, await console.signed_in())
    console.move(minutes=1)
    return made


async def second_step(browser: Any, given: str, after: str = "") -> Any:
    assert (await browser.sign_in(after=after)).location.startswith("/sign-in/code")
    return await browser.post("/sign-in/code", code=given, next=after)


async def test_setting_it_up_shows_a_picture_and_the_secret_and_nothing_from_elsewhere(console: Any) -> None:
    browser = await console.signed_in()
    page = (await browser.get("/account/second-factor")).text
    assert "<svg" in page and "<img" not in page and secret_of(page) == secret_of((await browser.get("/account/second-factor")).text)
    assert secret_of(page) not in str(console.rows("select * from staff"))
    assert console.rows("select totp from staff") == [(None,)]  # nothing is asked for until a code has shown that it works
    assert (await console.browser().sign_in()).location == "/"


async def test_a_wrong_code_sets_up_nothing(console: Any) -> None:
    browser = await console.signed_in()
    await browser.get("/account/second-factor")
    answer = await browser.post("/account/second-factor", code="000000")
    assert answer.status == 400 and "these do not fit" in answer.text and console.rows("select totp from staff") == [(None,)]


async def test_signing_in_takes_two_steps(console: Any, secured: Any) -> None:
    browser, (secret, codes) = console.browser(), secured
    assert len(set(codes)) == 10
    assert (await browser.sign_in(after="/requests")).location == "/sign-in/code?next=/requests"
    for path, status in (("/requests", 303), ("/api/requests", 401), ("/account", 303)):
        answer = await browser.get(path)
        assert answer.status == status, path
    assert (await browser.get("/requests")).location == "/sign-in/code"
    half = browser.cookie("hearback_console")
    answer = await browser.post("/sign-in/code", code=code(console, secret), next="/requests")
    assert answer.location == "/requests" and (await browser.get("/requests")).status == 200
    assert browser.cookie("hearback_console") != half and len(console.audited("signed_in")) == 2
    assert not console.rows("select 1 from staff_sessions where stage = 'code'")


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_half_a_minute_early_or_late_is_fine(console: Any, secured: Any, steps: int, taken: bool) -> None:
    answer = await second_step(console.browser(), code(console, secured[0], steps=steps))
    assert (answer.status == 303) == taken


async def test_a_code_is_taken_once(console: Any, secured: Any) -> None:
    given = code(console, secured[0])
    assert (await second_step(console.browser(), given)).status == 303
    again = await second_step(console.browser(), given)
    assert again.status == 400 and "used before" in again.text
    assert (await second_step(console.browser(), code(console, secured[0], steps=-1))).status == 400  # nor an older one after it
    assert (await second_step(console.browser(), code(console, secured[0], steps=1))).status == 303


async def test_the_code_of_the_set_up_is_not_taken_again(console: Any) -> None:
    secret, _ = await set_up(console, await console.signed_in())
    assert (await second_step(console.browser(), code(console, secret))).status == 400


async def test_two_at_once_with_one_code_is_one_session(console: Any, secured: Any) -> None:
    browsers, given = [console.browser() for _ in range(4)], code(console, secured[0])
    for browser in browsers:
        await browser.sign_in()
    answers = await asyncio.gather(*(browser.post("/sign-in/code", code=given) for browser in browsers))
    assert sorted(answer.status for answer in answers) == [303, 400, 400, 400]


async def test_wrong_codes_lock_like_wrong_passwords_and_the_right_password_forgets_none(console: Any, secured: Any) -> None:
    for _ in range(5):
        browser = console.browser()
        assert (await second_step(browser, "000000")).status == 400
    answer = await console.browser().sign_in()
    assert answer.status == 429 and "wrong passwords or codes" in answer.text and len(console.audited("code_failed")) == 5
    console.move(minutes=15, seconds=1)
    assert (await second_step(console.browser(), code(console, secured[0]))).status == 303


async def test_the_half_session_ends_after_ten_minutes(console: Any, secured: Any) -> None:
    browser = console.browser()
    await browser.sign_in()
    page = await browser.get("/sign-in/code")
    console.move(minutes=10, seconds=1)
    answer = await browser.post("/sign-in/code", csrf=browser.token_of(page.text), code=code(console, secured[0]))
    assert answer.location == "/sign-in?ended=1" and len(console.audited("signed_in")) == 1


async def test_each_recovery_code_signs_in_once(console: Any, secured: Any) -> None:
    _, codes = secured
    assert not any(one in str(console.rows("select * from recovery_codes")) for one in codes)
    assert (await second_step(console.browser(), f" {codes[0].upper()} ")).status == 303
    assert (await second_step(console.browser(), codes[0])).status == 400
    browser = console.browser()
    assert (await second_step(browser, codes[1].replace("-", ""))).status == 303
    assert "8 recovery codes left" in (await browser.get("/account/second-factor")).text
    assert len(console.audited("used_recovery_code")) == 2


async def test_new_recovery_codes_end_the_old_ones_and_need_the_password(console: Any, secured: Any) -> None:
    browser = await console.signed_in()
    assert (await browser.post("/account/second-factor/codes", page="/account/second-factor", password="wrong")).status == 400
    answer = await browser.post("/account/second-factor/codes", page="/account/second-factor", password=PASSWORD)
    new = re.findall(r"<li><code>([a-z0-9]{5}-[a-z0-9]{5})</code>", answer.text)
    assert len(new) == 10 and (await second_step(console.browser(), secured[1][0])).status == 400
    assert (await second_step(console.browser(), new[0])).status == 303


async def test_turning_it_off_needs_the_password(console: Any, secured: Any) -> None:
    browser = await console.signed_in()
    assert (await browser.post("/account/second-factor/off", page="/account/second-factor", password="wrong")).status == 400
    answer = await browser.post("/account/second-factor/off", page="/account/second-factor", password=PASSWORD)
    assert answer.location == "/account?done=factor_off" and (await console.browser().sign_in()).location == "/"
    assert console.rows("select * from recovery_codes") == []


async def test_it_goes_by_real_time_also_in_a_demonstration_at_a_day_a_second(console: Any, secured: Any) -> None:
    clock = console.log.staff._clock
    clock.origin, clock.scale = console.at.timestamp(), 86400.0
    console.move(minutes=3)
    assert (await second_step(console.browser(), code(console, secured[0]))).status == 303


@pytest.mark.parametrize(("setting", "role", "must"), [("all", "reviewer", True), ("admins", "reviewer", False), ("admins", "admin", True)])
async def test_who_must_have_one_sets_it_up_before_anything_else(console: Any, setting: str, role: str, must: bool) -> None:
    await console.add("kim", role)
    console.set(second_factor=setting)
    browser = console.browser()
    await browser.sign_in("kim")
    answer = await browser.get("/requests")
    assert answer.status == (303 if must else 200)
    if must:
        assert answer.location == "/account/second-factor" and (await browser.get("/api/requests")).status == 403
        assert "set it up to go on" in (await browser.get("/account/second-factor")).text
        await set_up(console, browser)
        assert (await browser.get("/requests")).status == 200
        off = await browser.post("/account/second-factor/off", page="/requests", password=PASSWORD)
        assert off.status == 403 and "cannot be turned off" in off.text


async def test_who_owes_it_can_sign_out(console: Any) -> None:
    console.set(second_factor="all")
    browser = console.browser()
    await browser.sign_in()
    assert (await browser.post("/sign-out", page="/account/second-factor")).location == "/sign-in"


async def test_an_administrator_resets_a_lost_one_and_it_is_written_down(console: Any) -> None:
    await console.add("kim", "agent")
    kim = await console.signed_in("kim")
    await set_up(console, kim)
    ada = await console.signed_in()
    answer = await ada.post("/people/2/second-factor", page="/people/2")
    assert answer.location == "/people/2?done=factor"
    assert (await kim.get("/requests")).status == 303 and (await console.browser().sign_in("kim")).location == "/"
    assert console.audited("reset_second_factor") == [(1, "kim")] and console.rows("select * from recovery_codes") == []


async def test_an_open_session_alone_does_not_reset_ones_own(console: Any, secured: Any) -> None:
    ada = await console.signed_in()
    assert (await ada.post("/people/1/second-factor", page="/people/1")).location == "/account/second-factor"
    assert (await ada.post("/people/1/password", page="/people/1")).location == "/account"
    assert (await console.browser().sign_in()).location == "/sign-in/code"


async def test_the_last_administrators_lost_phone_is_no_lock_out_for_who_runs_the_server(console: Any, secured: Any) -> None:
    settings = Settings.from_environ(environ_of(console.home))
    assert await manage(settings, "second-factor", "ada", role="", name="") == 0
    assert (await console.browser().sign_in()).location == "/"
    assert await manage(settings, "second-factor", "nobody", role="", name="") == 1
    assert console.audited("reset_second_factor") == [(None, "ada")]
