"""Forms: their tokens, where they come from, how large they may be."""

from typing import Any

import pytest

PASSWORD = "three random words"
POSTS = ["/sign-out", "/account/password", "/account/tokens", "/account/tokens/withdraw"]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("token", ["", "x", "é"])
async def test_a_form_without_the_right_token_changes_nothing(console: Any, path: str, token: str) -> None:
    browser = await console.signed_in()
    answer = await browser.post(path, csrf=token, name="a token", current=PASSWORD, new="another long password")
    assert answer.status == 403 and "Nothing was changed" in answer.text
    assert (await browser.get("/conversations")).status == 200
    assert not console.rows("select * from api_tokens")


async def test_another_persons_token_does_not_fit(console: Any) -> None:
    await console.log.staff.add("bob", (await console.log.staff.by_name("ada")).password_hash, "agent")
    ada, bob = await console.signed_in("ada"), await console.signed_in("bob")
    token = ada.token_of((await ada.get("/account")).text)
    assert (await bob.post("/account/tokens", csrf=token, name="x")).status == 403


async def test_signing_in_needs_the_forms_own_token(console: Any) -> None:
    browser = console.browser()
    page = await browser.get("/sign-in")
    other = console.browser()
    answer = await other.post("/sign-in", csrf=browser.token_of(page.text), username="ada", password=PASSWORD)
    assert answer.status == 403
    assert not console.audited("signed_in")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 303),  # our own pages without https
        ({}, 303),
    ],
)
async def test_a_form_from_another_site_is_refused_whatever_it_carries(console: Any, headers: dict[str, str], status: int) -> None:
    browser = await console.signed_in()
    token = browser.token_of((await browser.get("/account")).text)
    assert (await browser.send("POST", "/sign-out", data={"csrf": token}, headers=headers)).status == status


async def test_the_origin_may_be_our_own(console: Any) -> None:
    browser = await console.signed_in()
    token = browser.token_of((await browser.get("/account")).text)
    assert (await browser.send("POST", "/sign-out", data={"csrf": token}, headers={"Origin": console.url})).status == 303


async def test_a_large_form_is_refused_in_our_own_style(console: Any) -> None:
    answer = await console.browser().post("/sign-in", username="ada", password="x" * 100_000)
    assert answer.status == 413 and "too much to send" in answer.text and "Hearback console" in answer.text


async def test_other_kinds_of_form_are_refused(console: Any) -> None:
    browser = await console.signed_in()
    token = browser.token_of((await browser.get("/account")).text)
    assert (await browser.send("POST", "/sign-out", json={"csrf": token})).status == 415
    assert (
        await browser.send("POST", "/sign-out", data=b"\xff\xfe", headers={"Content-Type": "application/x-www-form-urlencoded"})
    ).status == 400


async def test_a_signed_out_person_cannot_post(console: Any) -> None:
    answer = await console.browser().post("/account/tokens", csrf="x", name="x")
    assert (answer.status, answer.location) == (303, "/sign-in")
