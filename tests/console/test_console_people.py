"""Administrators and the people of the console, and everybody's own sessions."""

import asyncio
import html
import json
import re
from typing import Any

import pytest

from console.browsers import in_words

PASSWORD = "three random words"


async def added(ada: Any, **more: str) -> str:
    """The one-time password of a new person called kim."""
    answer = await ada.post("/people", **{"username": "kim", "role": "agent", "display_name": "Kim", **more})
    found = re.search(r'id="one-time-password">([^<]+)<', answer.text)
    assert answer.status == 200 and found, answer.text
    return found[1]


async def test_a_new_person_signs_in_with_a_password_that_works_once(console: Any) -> None:
    ada = await console.signed_in()
    password = await added(ada)
    assert password not in str(console.rows("select * from staff")) and password not in (await ada.get("/people/2")).text
    kim = console.browser()
    await kim.sign_in("kim", password)
    assert (await kim.get("/conversations")).location == "/account/new-password" and (await kim.get("/api/requests")).status == 403
    assert (await kim.post("/account/new-password", new="short")).status == 400
    assert (await kim.post("/account/new-password", new="four quite random words")).location == "/"
    assert (await kim.get("/conversations")).status == 200
    assert (await console.browser().sign_in("kim", password)).status == 400
    assert (await kim.get("/account/new-password")).location == "/account"
    assert console.audited("added_person") == [(1, "kim")] and console.audited("changed_password") == [(2, None)]


async def test_a_password_that_was_handed_out_runs_out_after_a_week(console: Any) -> None:
    password = await added(await console.signed_in())
    console.move(days=7, seconds=1)
    answer = await console.browser().sign_in("kim", password)
    assert answer.status == 400 and "has run out" in answer.text
    assert "has run out" not in (await console.browser().sign_in("kim", "wrong")).text


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"username": "ada"}, "has this username already"),
        ({"username": "ADA"}, "has this username already"),
        ({"username": ""}, "Give a username"),
        ({"username": "a b"}, "Give a username"),
        ({"username": "x" * 61}, "Give a username"),
        ({"role": "king"}, "Choose one of the roles"),
        ({"display_name": "x" * 81}, "80 characters or fewer"),
    ],
)
async def test_what_cannot_be_added_is_said(console: Any, given: dict[str, str], sentence: str) -> None:
    ada = await console.signed_in()
    answer = await ada.post("/people", **{"username": "kim", "role": "agent", **given})
    assert answer.status == 400 and sentence in html.unescape(answer.text) and console.rows("select count(*) from staff") == [(1,)]


async def test_a_change_is_written_down_with_before_and_after(console: Any) -> None:
    ada = await console.signed_in()
    await added(ada)
    assert (await ada.post("/people/2", role="approver", display_name="Kim L")).location == "/people/2?done=changed"
    (details,) = console.rows("select details from audit where action = 'changed_person'")
    assert json.loads(details[0]) == {"role": ["agent", "approver"], "display_name": ["Kim", "Kim L"]}
    await ada.post("/people/2", role="approver", display_name="Kim L")
    assert len(console.audited("changed_person")) == 1


async def test_the_last_active_administrator_stays(console: Any) -> None:
    ada = await console.signed_in()
    for path, form in (("/people/1", {"role": "agent"}), ("/people/1/deactivate", {})):
        answer = await ada.post(path, page="/people/1", **form)
        assert answer.status == 409 and "last active administrator" in answer.text
    await console.add("bob", "admin")
    await ada.post("/people/2/deactivate", page="/people/2")
    assert (await ada.post("/people/1", role="agent")).status == 409  # bob does not count any more
    await ada.post("/people/2/activate", page="/people/2")
    assert (await ada.post("/people/1", role="agent")).location == "/"
    assert (await ada.get("/people")).status == 403


async def test_two_administrators_who_remove_each_other_at_once_leave_one(console: Any) -> None:
    await console.add("bob", "admin")
    ada, bob = await console.signed_in(), await console.signed_in("bob")
    tokens = [browser.token_of((await browser.get("/people")).text) for browser in (ada, bob)]
    await asyncio.gather(ada.post("/people/2/deactivate", csrf=tokens[0]), bob.post("/people/1/deactivate", csrf=tokens[1]))
    assert console.rows("select count(*) from staff where active and role = 'admin'") == [(1,)]


async def test_who_is_deactivated_is_out_at_once_and_so_are_their_tokens(console: Any) -> None:
    await console.add("kim", "agent")
    kim, headers, ada = await console.signed_in("kim"), await console.token("kim"), await console.signed_in()
    assert (await ada.post("/people/2/deactivate", page="/people/2")).location == "/people/2?done=deactivated"
    assert (await kim.get("/requests")).status == 303 and (await console.browser().get("/api/requests", headers=headers)).status == 401
    assert (await console.browser().sign_in("kim")).status == 400
    await ada.post("/people/2/activate", page="/people/2")
    assert (await console.browser().sign_in("kim")).status == 303
    assert (await console.browser().get("/api/requests", headers=headers)).status == 401
    assert console.audited("deactivated_person") == [(1, "kim")] and console.audited("activated_person") == [(1, "kim")]


async def test_a_reset_password_ends_sessions_and_works_once(console: Any) -> None:
    await console.add("kim", "agent")
    kim, ada = await console.signed_in("kim"), await console.signed_in()
    answer = await ada.post("/people/2/password", page="/people/2")
    password = re.search(r'id="one-time-password">([^<]+)<', answer.text)
    assert password and (await kim.get("/requests")).status == 303 and (await console.browser().sign_in("kim")).status == 400
    again = console.browser()
    await again.sign_in("kim", password[1])
    assert (await again.get("/requests")).location == "/account/new-password" and console.audited("reset_password") == [(1, "kim")]


async def test_the_page_and_its_data_are_the_same_people(console: Any) -> None:
    ada = await console.signed_in()
    await added(ada)
    page, found = (await ada.get("/people")).text, json.loads((await ada.get("/people.json")).text)["people"]
    assert [one["username"] for one in found] == ["ada", "kim"] and all(one["username"] in page for one in found)
    assert json.loads((await ada.get("/people/2.json")).text)["display_name"] == "Kim" and "hash" not in str(found)
    assert (await ada.get("/people/99")).status == 404 and (await ada.get("/people/999999999")).status == 404


# Sessions.

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def test_sessions_are_listed_with_the_browser_in_words_and_ended(console: Any) -> None:
    here, there = await console.signed_in(), console.browser()
    page = await there.get("/sign-in")
    form = {"csrf": there.token_of(page.text), "username": "ada", "password": PASSWORD}
    await there.send("POST", "/sign-in", data=form, headers={"User-Agent": FIREFOX})
    shown = (await here.get("/account")).text
    assert "Firefox on Windows" in shown and shown.count("This one") == 1 and "140" not in str(console.rows("select * from staff_sessions"))
    (handle,) = re.findall(r'action="/account/sessions/end">\s*<input[^>]+>\s*<input type="hidden" name="handle" value="(\w+)"', shown)
    assert (await here.post("/account/sessions/end", page="/account", handle=handle)).status == 303
    assert (await there.get("/account")).status == 303 and (await here.get("/account")).status == 200
    assert console.audited("ended_sessions") == [(1, "ada")]


async def test_all_others_end_and_this_one_stays(console: Any) -> None:
    browsers = [await console.signed_in() for _ in range(3)]
    await browsers[1].post("/account/sessions/end", page="/account")
    assert [(await browser.get("/account")).status for browser in browsers] == [303, 200, 303]


async def test_nobody_ends_anothers_session_but_an_administrator(console: Any) -> None:
    await console.add("kim", "agent")
    kim, ada = await console.signed_in("kim"), await console.signed_in()
    handle = console.rows("select substr(token_hash, 1, 16) from staff_sessions where staff_id = 1")[0][0]
    await kim.post("/account/sessions/end", page="/account", handle=handle)
    assert (await ada.get("/account")).status == 200
    assert (await kim.post("/people/1/sessions", page="/account", handle=handle)).status == 403
    await ada.post("/people/2/sessions", page="/people/2")
    assert (await kim.get("/account")).status == 303 and console.audited("ended_sessions") == [(1, "kim")]


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) AppleWebKit/605 (KHTML, like Gecko) Version/18 Safari/605", "Safari on macOS"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537 (KHTML, like Gecko) Chrome/140 Safari/537 Edg/140", "Edge on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19 like Mac OS X) AppleWebKit/605 CriOS/140 Mobile Safari/604", "Chrome on iPhone"),
        ("", None),
        ("something else", None),
    ],
)
def test_browsers_in_words(agent: str, words: str | None) -> None:
    assert in_words(agent) == words


async def test_by_https_the_session_is_of_this_host_only(console: Any) -> None:
    browser, by_https = console.browser(), {"X-Forwarded-Proto": "https"}
    page = await browser.get("/sign-in", headers=by_https)
    fields = {"csrf": page.cookies["hearback_console_form"].value, "username": "ada", "password": PASSWORD}
    cookie = {"Cookie": f"hearback_console_form={fields['csrf']}"}
    answer = await browser.send("POST", "/sign-in", data=fields, headers={**by_https, **cookie})
    session = answer.cookies["__Host-hearback_console"]
    assert session["secure"] and session["path"] == "/" and not session["domain"]
    plain = {**by_https, "Cookie": f"hearback_console={session.value}"}
    assert (await console.browser().get("/account", headers=plain)).status == 303
    right = {**by_https, "Cookie": f"__Host-hearback_console={session.value}"}
    assert (await console.browser().get("/account", headers=right)).status == 200


# One's own account.


async def test_what_citizens_read_and_the_keys_are_ones_own_choice(console: Any) -> None:
    ada = await console.signed_in()
    assert (await ada.post("/account/about", page="/account", display_name="  Ada   L ")).location == "/account?done=about"
    assert console.rows("select display_name, shortcuts from staff") == [("Ada L", 0)]
    await ada.post("/account/about", page="/account", display_name="", shortcuts="on")
    assert console.rows("select display_name, shortcuts from staff") == [(None, 1)]
    assert (await ada.post("/account/about", page="/account", display_name="x" * 81)).status == 400
