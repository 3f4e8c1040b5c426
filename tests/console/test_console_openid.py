"""Signing in at the council's single sign-on: who is let in, in which role, and every way to cheat."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from liar import Liar, lying, unsigned
from yarl import URL

ROLES = "call-centre=agent, hearback-admins=admin"


@pytest.fixture
async def liar() -> AsyncIterator[Liar]:
    async with lying() as one:
        yield one


@pytest.fixture
async def console(another_console: Any, liar: Liar, tmp_path: Path) -> AsyncIterator[Any]:
    """A console whose single sign-on lies on demand."""
    settings = {
        "HEARBACK_OIDC_ISSUER": liar.issuer, "HEARBACK_OIDC_CLIENT_ID": "hearback", "HEARBACK_OIDC_CLIENT_SECRET": "secret",
        "HEARBACK_OIDC_ROLES": ROLES, "HEARBACK_CONSOLE_URL": "https://console.example",
    }  # fmt: skip
    async with another_console(tmp_path, **settings) as running:
        liar.now = lambda: int(running.at.timestamp())
        yield running


async def begun(browser: Any, after: str = "") -> dict[str, str]:
    """What the browser is sent to the single sign-on with."""
    answer = await browser.get(f"/sign-in/openid{after}")
    assert answer.status == 303, answer.text
    asked = dict(URL(answer.location).query)
    assert asked["code_challenge_method"] == "S256" and asked["redirect_uri"] == "https://console.example/sign-in/openid/callback"
    assert {"state", "nonce", "code_challenge"} <= set(asked) and "openid" in asked["scope"]
    cookie = answer.cookies["hearback_console_openid"]
    assert cookie["samesite"] == "Lax" and cookie["httponly"] and cookie["max-age"] == "600"
    return asked


async def signed_in(browser: Any, liar: Liar, **more: str) -> Any:
    asked = await begun(browser)
    return await back(browser, state=asked["state"], code=liar.let_in(asked), **more)


async def back(browser: Any, **query: str) -> Any:
    return await browser.get(str(URL("/sign-in/openid/callback").with_query(query)))


async def test_who_comes_back_with_a_proof_is_in_with_the_role_of_their_group(console: Any, liar: Liar) -> None:
    browser = console.browser()
    assert "Sign in with your council account" in (await browser.get("/sign-in")).text
    asked = await begun(browser, "?next=/requests%3Fshow%3Dwaiting")
    answer = await back(browser, state=asked["state"], code=liar.let_in(asked), iss=liar.issuer)
    assert answer.status == 200 and 'content="0; url=/requests?show=waiting"' in answer.text
    assert (await browser.get("/requests")).status == 200 and (await browser.get("/people")).status == 403
    assert console.rows("select username, role, openid_issuer, openid_subject, password_hash from staff where username = 'sam'") == [
        ("sam", "agent", liar.issuer, "subject-1", "")
    ]
    assert len(console.audited("added_person")) == 1


async def test_whoever_has_no_role_there_is_refused_and_not_added(console: Any, liar: Liar) -> None:
    liar.claims = lambda claims: claims.update(groups=["museums"])
    answer = await signed_in(console.browser(), liar)
    assert answer.status == 403 and "says of no role for you here" in answer.text
    assert console.rows("select count(*) from staff") == [(1,)]
    assert console.rows("select details from audit where action = 'sign_in_refused'") == [('{"way": "openid", "reason": "no_role"}',)]


async def test_a_person_is_their_subject_and_not_their_name(console: Any, liar: Liar) -> None:
    await signed_in(console.browser(), liar)
    liar.claims = lambda claims: claims.update(sub="subject-2", preferred_username="ada", groups=["hearback-admins"])
    await signed_in(console.browser(), liar)
    liar.claims = lambda claims: claims.update(preferred_username="samantha")
    await signed_in(console.browser(), liar)
    found = console.rows("select username, role, openid_subject from staff order by id")
    assert found == [("ada", "admin", None), ("sam", "agent", "subject-1"), ("ada-2", "admin", "subject-2")]


async def test_a_role_that_changed_there_counts_at_the_next_sign_in(console: Any, liar: Liar) -> None:
    await signed_in(console.browser(), liar)
    liar.claims = lambda claims: claims.update(groups="hearback-admins")
    browser = console.browser()
    await signed_in(browser, liar)
    assert (await browser.get("/people")).status == 200
    assert console.rows("select role from staff where username = 'sam'") == [("admin",)]


async def test_the_last_administrator_stays_one_whatever_the_group_says(console: Any, liar: Liar) -> None:
    liar.claims = lambda claims: claims.update(groups=["hearback-admins"])
    await signed_in(console.browser(), liar)
    console.rows("update staff set active = false where username = 'ada'")
    liar.claims = lambda claims: None
    await signed_in(console.browser(), liar)
    assert console.rows("select role from staff where username = 'sam'") == [("admin",)]


async def test_whoever_was_deactivated_here_stays_out(console: Any, liar: Liar) -> None:
    await signed_in(console.browser(), liar)
    console.rows("update staff set active = false where username = 'sam'")
    answer = await signed_in(console.browser(), liar)
    assert answer.status == 403 and "deactivated" in answer.text


async def test_roles_may_stand_deeper_inside(console: Any, liar: Liar) -> None:
    provider = console.app[next(key for key in console.app if "provider" in str(key))]
    provider._claim = "realm_access.roles"
    liar.claims = lambda claims: claims.update(realm_access={"roles": ["x", "hearback-admins"]})
    browser = console.browser()
    await signed_in(browser, liar)
    assert (await browser.get("/people")).status == 200


# Cheating.


def without(name: str) -> Any:
    return lambda claims: claims.pop(name)


def saying(**claims: Any) -> Any:
    return lambda had: had.update(claims)


CHANGES = {
    "a wrong nonce": saying(nonce="another"),
    "no nonce": without("nonce"),
    "another audience": saying(aud="another-client"),
    "many audiences without a party": saying(aud=["hearback", "another-client"]),
    "another party": saying(aud=["hearback", "another-client"], azp="another-client"),
    "another issuer": saying(iss="https://evil.example"),
    "expired": lambda claims: claims.update(exp=claims["iat"] - 61),
    "no end": without("exp"),
    "of the future": lambda claims: claims.update(iat=claims["iat"] + 3600, nbf=claims["iat"] + 3600),
    "no subject": without("sub"),
    "an empty subject": saying(sub=""),
    "a subject that is no text": saying(sub=7),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_proof_that_says_something_else_is_no_proof(console: Any, liar: Liar, name: str) -> None:
    liar.claims = CHANGES[name]
    browser = console.browser()
    answer = await signed_in(browser, liar)
    assert answer.status == 403 and "could not be trusted" in answer.text
    assert (await browser.get("/requests")).status == 303 and console.rows("select count(*) from staff") == [(1,)]


async def signs(liar: Liar, name: str) -> Any:
    stranger = RSAKey.generate_key(2048, {"kid": "first"})
    public = liar.keys[0].as_pem(private=False)

    def by_hmac_of_the_public_key(claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "HS256", "kid": "first"}, claims, OctKey.import_key(base64.urlsafe_b64encode(public).decode()))

    def tampered(claims: dict[str, Any]) -> str:
        head, _, signature = jwt.encode({"alg": "RS256", "kid": "first"}, claims, liar.keys[0]).split(".")
        other = base64.urlsafe_b64encode(json.dumps({**claims, "groups": ["hearback-admins"]}).encode()).rstrip(b"=").decode()
        return f"{head}.{other}.{signature}"

    return {
        "nobody": unsigned,
        "a stranger under a known name": lambda claims: jwt.encode({"alg": "RS256", "kid": "first"}, claims, stranger),
        "a stranger": lambda claims: jwt.encode({"alg": "RS256", "kid": "never seen"}, claims, stranger),
        "the public key as a secret": by_hmac_of_the_public_key,
        "and changed after": tampered,
        "nonsense": lambda claims: "a.b.c",
    }[name]


@pytest.mark.parametrize(
    "name", ["nobody", "a stranger under a known name", "a stranger", "the public key as a secret", "and changed after", "nonsense"]
)
async def test_a_proof_signed_by(console: Any, liar: Liar, name: str) -> None:
    liar.sign = await signs(liar, name)
    answer = await signed_in(console.browser(), liar)
    assert answer.status == 403 and "could not be trusted" in answer.text


async def test_keys_that_change_are_read_again_and_not_more_often_than_needed(console: Any, liar: Liar) -> None:
    assert (await signed_in(console.browser(), liar)).status == 200
    assert (await signed_in(console.browser(), liar)).status == 200 and liar.key_readings == 1
    console.move(seconds=11)
    liar.keys = [RSAKey.generate_key(2048, {"kid": "second", "use": "sig", "alg": "RS256"})]
    assert (await signed_in(console.browser(), liar)).status == 200 and liar.key_readings == 2
    liar.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "third"}, claims, liar.keys[0])
    for _ in range(5):
        assert (await signed_in(console.browser(), liar)).status == 403
    assert liar.key_readings == 2


async def test_a_way_back_is_taken_once(console: Any, liar: Liar) -> None:
    browser = console.browser()
    asked = await begun(browser)
    code = liar.let_in(asked)
    assert (await back(browser, state=asked["state"], code=code)).status == 200
    liar.asked[code] = asked  # even were the code good twice
    again = await back(browser, state=asked["state"], code=code)
    assert again.status == 403


async def test_a_way_back_in_another_browser_is_not_taken(console: Any, liar: Liar) -> None:
    asked = await begun(console.browser())
    other = console.browser()
    await begun(other)
    assert (await back(other, state=asked["state"], code=liar.let_in(asked))).status == 403
    assert (await back(console.browser(), state="made-up", code="x")).status == 403
    assert (await back(console.browser())).status == 403


async def test_a_way_back_of_ten_minutes_ago_is_not_taken(console: Any, liar: Liar) -> None:
    browser = console.browser()
    asked = await begun(browser)
    console.move(minutes=10, seconds=1)
    assert (await back(browser, state=asked["state"], code=liar.let_in(asked))).status == 403


async def test_an_answer_of_another_issuer_is_not_taken(console: Any, liar: Liar) -> None:
    assert (await signed_in(console.browser(), liar, iss="https://evil.example")).status == 403


async def test_a_sign_on_that_calls_itself_something_else_is_not_used(console: Any, liar: Liar) -> None:
    liar.issuer_said = "https://evil.example"
    answer = await console.browser().get("/sign-in/openid")
    assert answer.status == 503 and "does not answer" in answer.text


async def test_a_sign_on_that_is_away_is_a_sentence_and_passwords_still_work(console: Any, liar: Liar) -> None:
    liar.silent = True
    browser = console.browser()
    assert (await browser.get("/sign-in/openid")).status == 503
    assert (await browser.sign_in()).status == 303


async def test_who_stops_on_the_way_is_told_so(console: Any, liar: Liar) -> None:
    browser = console.browser()
    asked = await begun(browser)
    answer = await back(browser, state=asked["state"], error="access_denied")
    assert answer.status == 403 and "you stopped on the way" in answer.text


@pytest.mark.parametrize("after", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_it_leads_to_no_other_site(console: Any, liar: Liar, after: str) -> None:
    browser = console.browser()
    asked = await begun(browser, "?" + str(URL().with_query(next=after).query_string))
    assert "evil" not in (await back(browser, state=asked["state"], code=liar.let_in(asked))).text


async def test_passwords_can_be_turned_off(console: Any) -> None:
    console.set(oidc_passwords="off")
    browser = console.browser()
    page = await browser.get("/sign-in")
    assert 'name="password"' not in page.text
    form = {"csrf": page.cookies["hearback_console_form"].value, "username": "ada", "password": "three random words"}
    answer = await browser.send("POST", "/sign-in", data=form)
    assert answer.status == 403 and console.rows("select count(*) from staff_sessions") == [(0,)]


async def test_who_signs_in_there_needs_no_second_factor_here_and_has_no_password(console: Any, liar: Liar) -> None:
    console.set(second_factor="all")
    browser = console.browser()
    await signed_in(browser, liar)
    assert (await browser.get("/requests")).status == 200
    page = (await browser.get("/account")).text
    assert "You sign in with your council account" in page and "Change your password" not in page
    for password in ("", "anything at all"):
        assert (await console.browser().sign_in("sam", password)).status == 400


async def test_without_a_single_sign_on_there_is_nothing(console: Any) -> None:
    console.set(oidc_issuer="")
    assert (await console.browser().get("/sign-in/openid")).status == 404
    assert (await back(console.browser(), state="x", code="y")).status == 404
