"""Signing in, staying in, being locked out, signing out."""

import asyncio
import time
from typing import Any

import pytest
from yarl import URL

PASSWORD = "three random words"


async def test_the_right_password_opens_the_conversations(console: Any) -> None:
    browser = console.browser()
    answer = await browser.sign_in()
    assert (answer.status, answer.location) == (303, "/")
    assert (await browser.get("/")).location == "/inbox"
    assert (await browser.get("/conversations")).status == 200
    assert len(console.audited("signed_in")) == 1


async def test_the_cookie_is_for_this_site_only_and_hidden_from_scripts(console: Any) -> None:
    cookie = (await console.browser().sign_in()).cookies["hearback_console"]
    assert cookie["httponly"] and cookie["samesite"] == "Strict" and cookie["path"] == "/" and not cookie["secure"]


async def test_behind_https_the_cookies_are_secure(console: Any) -> None:
    browser = console.browser()
    page = await browser.get("/sign-in")
    fields = {"csrf": browser.token_of(page.text), "username": "ada", "password": PASSWORD}
    answer = await browser.send("POST", "/sign-in", data=fields, headers={"X-Forwarded-Proto": "https"})
    assert answer.cookies["__Host-hearback_console"]["secure"] and answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(("username", "password"), [("ada", "wrong"), ("nobody", PASSWORD), ("", ""), ("ada", ""), ("ada\x00", PASSWORD)])
async def test_anything_else_does_not(console: Any, username: str, password: str) -> None:
    browser = console.browser()
    answer = await browser.sign_in(username, password)
    expected = 303 if username == "ada\x00" else 400  # a NUL is dropped: no keyboard sends one
    assert answer.status == expected
    assert ("There is a problem" in answer.text) == (expected == 400)


async def test_an_unknown_name_takes_as_long_as_a_known_one(console: Any) -> None:
    async def seconds(username: str) -> float:
        browser = console.browser()
        page = await browser.get("/sign-in")
        began = time.perf_counter()
        await browser.post("/sign-in", csrf=browser.token_of(page.text), username=username, password="wrong password")
        return time.perf_counter() - began

    await seconds("warm")
    known, unknown = min([await seconds("ada") for _ in range(3)]), min([await seconds("eve") for _ in range(3)])
    assert unknown > known / 2


@pytest.mark.parametrize("username", ["ada", "nobody"])
async def test_five_wrong_passwords_lock_any_name_for_a_quarter_of_an_hour(console: Any, username: str) -> None:
    browser = console.browser()
    assert [(await browser.sign_in(username, "wrong")).status for _ in range(5)] == [400] * 5
    answer = await browser.sign_in(username, PASSWORD)
    assert answer.status == 429 and "Wait 15 minutes, then try again" in answer.text and "Nothing is lost" in answer.text
    console.move(minutes=14, seconds=1)
    assert "Wait 1 minute, then" in (await browser.sign_in(username, PASSWORD)).text
    console.move(minutes=1)
    assert (await browser.sign_in(username, PASSWORD)).status == (303 if username == "ada" else 400)


async def test_a_burst_does_not_outrun_the_lock(console: Any) -> None:
    browser = console.browser()
    page = await browser.get("/sign-in")
    token = browser.token_of(page.text)
    answers = await asyncio.gather(*(browser.post("/sign-in", csrf=token, username="ada", password=f"guess {n}") for n in range(20)))
    assert sorted(answer.status for answer in answers) == [400] * 5 + [429] * 15


async def test_a_right_password_forgets_the_wrong_ones(console: Any) -> None:
    for _ in range(3):
        browser = console.browser()
        for _ in range(4):
            await browser.sign_in("ada", "wrong")
        assert (await browser.sign_in()).status == 303


async def test_a_password_typed_as_a_name_is_not_kept(console: Any) -> None:
    await console.browser().sign_in("my secret password", "x")
    assert "secret" not in str(console.rows("select * from audit"))


async def test_a_session_that_the_browser_brought_along_is_not_taken_over(console: Any) -> None:
    browser = console.browser()
    planted = "A" * 43
    browser.session.cookie_jar.update_cookies({"hearback_console": planted})
    assert (await browser.sign_in()).status == 303
    assert browser.cookie("hearback_console") not in {planted, None}
    other = console.browser()
    other.session.cookie_jar.update_cookies({"hearback_console": planted})
    assert (await other.get("/conversations")).status == 303


async def test_signing_in_again_ends_the_session_before(console: Any) -> None:
    browser = await console.signed_in()
    before = browser.cookie("hearback_console")
    sign_in = await console.browser().get("/sign-in")
    form = sign_in.cookies["hearback_console_form"].value
    browser.session.cookie_jar.update_cookies({"hearback_console_form": form})
    assert (await browser.post("/sign-in", csrf=form, username="ada", password=PASSWORD)).status == 303
    assert browser.cookie("hearback_console") != before
    assert len(console.rows("select * from staff_sessions")) == 1


async def test_only_a_hash_of_the_session_is_stored(console: Any) -> None:
    browser = await console.signed_in()
    assert browser.cookie("hearback_console") not in str(console.rows("select * from staff_sessions"))


async def test_signing_out_ends_the_session_and_needs_a_form(console: Any) -> None:
    browser = await console.signed_in()
    kept = browser.cookie("hearback_console")
    assert (await browser.get("/sign-out")).status == 405
    assert (await browser.get("/conversations")).status == 200
    assert (await browser.post("/sign-out", page="/account")).location == "/sign-in"
    browser.session.cookie_jar.update_cookies({"hearback_console": kept})
    assert (await browser.get("/conversations")).status == 303


async def test_a_session_ends_after_eight_idle_hours_and_says_so(console: Any) -> None:
    browser = await console.signed_in()
    console.move(hours=7.9)
    assert (await browser.get("/conversations")).status == 200
    console.move(hours=7.9)
    assert (await browser.get("/conversations")).status == 200
    console.move(hours=8.1)
    answer = await browser.get("/conversations?state=waiting")
    assert dict(URL(answer.location).query) == {"next": "/conversations?state=waiting", "ended": "1"}
    assert "You were signed out" in (await browser.get(answer.location)).text


async def test_no_session_lives_longer_than_a_day(console: Any) -> None:
    browser = await console.signed_in()
    for _ in range(4):
        console.move(hours=6)
        assert (await browser.get("/conversations")).status == 200
    console.move(minutes=1)
    assert (await browser.get("/conversations")).status == 303


async def test_in_a_demonstration_at_a_day_a_second_sessions_last_in_real_time(console: Any) -> None:
    browser = await console.signed_in()
    clock = console.log.staff._clock
    clock.origin, clock.scale = console.at.timestamp(), 86400.0
    console.move(hours=1)  # of the visitors' time; ten years of the product's
    assert (await browser.get("/conversations")).status == 200


async def test_after_signing_in_one_goes_on_where_one_was(console: Any) -> None:
    browser = console.browser()
    asked = await browser.get("/conversations?state=waiting&text=a%20b")
    assert URL(asked.location).path == "/sign-in"
    page = await browser.get(asked.location)
    assert 'name="next" value="/conversations?state=waiting&amp;text=a%20b"' in page.text
    assert (await browser.sign_in(after="/conversations?state=waiting")).location == "/conversations?state=waiting"
    assert (await browser.get("/sign-in?next=/requests")).location == "/requests"


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\/evil", "/\t/evil.example", "javascript:alert(1)", "/a\r\nX: y"],
)
async def test_but_never_to_another_site(console: Any, address: str) -> None:
    assert (await console.browser().sign_in(after=address)).location == "/"
