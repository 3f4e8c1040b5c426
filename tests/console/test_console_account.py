"""A person's own account: password and API tokens."""

import json
import re
from typing import Any

import pytest
from databases import environ_of

from console.app import scopes_of
from engagement.passwords import PasswordRefused, hash_password, verify_password
from hearback.people import manage
from hearback.settings import Settings

PASSWORD = "three random words"


async def test_a_token_is_shown_once_and_works(console: Any) -> None:
    browser = await console.signed_in()
    shown = await browser.post("/account/tokens", page="/account", name="Power BI", scope="requests", days="90")
    token = re.search(r'id="token">([^<]+)<', shown.text)
    assert shown.status == 200 and token
    page = (await browser.get("/account")).text
    assert "Power BI" in page and "never used" in page and token[1] not in page
    assert token[1] not in str(console.rows("select * from api_tokens"))
    headers = {"Authorization": f"Bearer {token[1]}"}
    assert (await console.browser().get("/api/requests", headers=headers)).status == 200
    assert "last used <time" in (await browser.get("/account")).text
    assert console.audited("made_api_token") == [(1, "Power BI")]
    withdrawn = await browser.post("/account/tokens/withdraw", page="/account", handle=re.search(r'name="handle" value="(\w+)"', page)[1])  # type: ignore[index]
    assert withdrawn.location == "/account?done=withdrawn"
    assert (await console.browser().get("/api/requests", headers=headers)).status == 401
    assert console.audited("withdrew_api_token") == [(1, "Power BI")]


async def test_nobody_withdraws_anothers_token(console: Any) -> None:
    await console.log.staff.add("bob", (await console.log.staff.by_name("ada")).password_hash, "agent")
    headers = await console.token("ada")
    handle = console.rows("select substr(token_hash, 1, 16) from api_tokens")[0][0]
    bob = await console.signed_in("bob")
    await bob.post("/account/tokens/withdraw", page="/account", handle=handle)
    assert (await console.browser().get("/api/requests", headers=headers)).status == 200


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
async def test_a_token_needs_a_name(console: Any, name: str) -> None:
    browser = await console.signed_in()
    answer = await browser.post("/account/tokens", page="/account", name=name, scope="requests", days="90")
    assert answer.status == 400 and "Give the token a name" in answer.text
    assert not console.rows("select * from api_tokens")


async def test_a_new_password_ends_every_other_session(console: Any) -> None:
    browser, other = await console.signed_in(), await console.signed_in()
    answer = await browser.post("/account/password", page="/account", current=PASSWORD, new="four quite random words")
    assert answer.location == "/account?done=password"
    assert "Your password is changed" in (await browser.get(answer.location)).text
    assert (await other.get("/account")).status == 303
    assert (await console.browser().sign_in()).status == 400
    assert (await console.browser().sign_in(password="four quite random words")).status == 303
    assert console.audited("changed_password") == [(1, None)]


async def test_a_new_password_needs_the_old_one(console: Any) -> None:
    browser = await console.signed_in()
    answers = [await browser.post("/account/password", page="/account", current="wrong", new="four quite random words") for _ in range(6)]
    assert [answer.status for answer in answers] == [400] * 5 + [429]
    assert "this one is not right" in answers[0].text and "Wait 15 minutes" in answers[5].text


@pytest.mark.parametrize("new", ["", "short", "aaaaaaaaaaaaaaa", "x y z w " * 50])
async def test_a_weak_password_is_refused_with_a_sentence(console: Any, new: str) -> None:
    browser = await console.signed_in()
    answer = await browser.post("/account/password", page="/account", current=PASSWORD, new=new)
    assert answer.status == 400 and "Choose a password" in answer.text
    assert (await console.browser().sign_in()).status == 303


def test_passwords_are_kept_as_argon2id() -> None:
    kept = hash_password("pâté maison très bon")
    assert kept.startswith("$argon2id$")
    assert verify_password(kept, "pa\u0302te\u0301 maison tre\u0300s bon")
    assert not verify_password(kept, "pate maison tres bon") and not verify_password("no hash", "x")
    with pytest.raises(PasswordRefused, match="12 characters or more"):
        hash_password("elevenchars")


# What a token may.


async def made(console: Any, username: str = "ada", **how: Any) -> dict[str, str]:
    person = await console.log.staff.by_name(username)
    return {"Authorization": f"Bearer {await console.log.staff.make_api_token(person, 'a program', **how)}"}


async def test_a_token_reads_what_it_was_made_for_and_is_told_what_it_lacks(console: Any) -> None:
    headers, browser = await made(console, scopes=["requests"]), console.browser()
    assert (await browser.get("/api/requests", headers=headers)).status == 200
    assert (await browser.get("/requests.json", headers=headers)).status == 200
    assert (await browser.get("/api/openapi.json", headers=headers)).status == 200
    answer = await browser.get("/api/conversations", headers=headers)
    assert (
        answer.status == 403 and json.loads(answer.text)["error"] == "This token was not made for this: it needs the scope conversations."
    )
    assert console.rows("select subject, details from audit where action = 'refused'") == [
        ("GET /api/conversations", '{"role": "admin", "scope": "conversations"}')
    ]


async def test_a_token_never_reads_more_than_its_owners_role(console: Any) -> None:
    await console.add("kim", "analyst")
    headers, browser = await made(console, "kim", scopes=["conversations", "people", "requests"]), console.browser()
    answers = [(await browser.get(f"/api/{name}", headers=headers)).status for name in ("conversations", "people", "requests")]
    assert answers == [403, 403, 200]
    kim = await console.signed_in("kim")
    page = (await kim.get("/account")).text
    assert 'value="requests"' in page and 'value="conversations"' not in page and 'value="people"' not in page
    refused = await kim.post("/account/tokens", page="/account", name="x", scope="people", days="30")
    assert refused.status == 400 and "Choose what the token may read" in refused.text


async def test_a_token_of_before_scopes_reads_what_its_role_may(console: Any) -> None:
    headers = await made(console)
    assert (await console.browser().get("/api/conversations", headers=headers)).status == 200
    assert "all that your role may" in (await (await console.signed_in()).get("/account")).text


async def test_a_token_ends_on_its_day(console: Any) -> None:
    headers, browser = await made(console, scopes=["requests"], days=30), console.browser()
    console.move(days=30, seconds=-1)
    assert (await browser.get("/api/requests", headers=headers)).status == 200
    console.move(seconds=1)
    assert (await browser.get("/api/requests", headers=headers)).status == 401


@pytest.mark.parametrize("given", [{"days": "7"}, {"days": "-1"}, {"scope": ""}, {"scope": "everything"}, {"days": "30; drop"}])
async def test_a_token_for_nothing_or_for_an_odd_time_is_not_made(console: Any, given: dict[str, str]) -> None:
    browser = await console.signed_in()
    answer = await browser.post("/account/tokens", page="/account", **{"name": "x", "scope": "requests", "days": "30", **given})
    assert answer.status == 400 and not console.rows("select * from api_tokens")


async def test_the_command_line_makes_a_token_with_scopes(console: Any, capsys: pytest.CaptureFixture[str]) -> None:
    await console.add("kim", "analyst")
    settings = Settings.from_environ(environ_of(console.home))
    how: dict[str, Any] = {"role": "", "name": "nightly", "known": scopes_of}
    assert await manage(settings, "token", "kim", scopes=["requests"], days=3, **how) == 0
    headers = {"Authorization": f"Bearer {capsys.readouterr().out.strip()}"}
    answers = [(await console.browser().get(f"/api/{name}", headers=headers)).status for name in ("requests", "measures")]
    assert answers == [200, 403]
    assert await manage(settings, "token", "kim", scopes=["conversations"], **how) == 1
    assert "conversations is no scope of the role analyst" in capsys.readouterr().err
    assert await manage(settings, "token", "kim", days=0, **how) == 1
