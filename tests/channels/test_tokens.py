"""A chat belongs to the browser and the page that began it; its token is replaced after a day, and no lost answer loses the chat."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie

import pytest
from databases import rows, stored
from doors import COUNCIL, FIREFOX, PUBLIC, Answer, Doors

SESSION = "/api/chat/session"
ELSEWHERE = {"User-Agent": "curl/8.5.0"}


async def state(doors: Doors, token: str, **headers: str) -> Answer:
    return await doors.call("GET", SESSION, token=token, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def test_a_token_opens_its_chat_after_a_reload_and_in_another_tab(doors: Doors) -> None:
    token = await doors.begin()
    first, second = await state(doors, token), await state(doors, token)
    assert first.status == second.status == 200 and first.body == second.body
    assert "Hearback-Token" not in first.headers


@pytest.mark.parametrize("token", ["", "x", "a" * 43])
async def test_any_other_token_opens_nothing(doors: Doors, token: str) -> None:
    await doors.begin()
    refused = await state(doors, token)
    assert refused.status == 401 and "Start a new chat" in refused.error


async def test_the_id_of_a_conversation_opens_nothing(doors: Doors) -> None:
    conversation = (await state(doors, await doors.begin())).body["conversation"]
    assert (await state(doors, conversation)).status == 401


async def test_a_stolen_token_is_worth_nothing_in_another_browser_or_on_another_page(doors: Doors) -> None:
    own, embedded = await doors.begin(), await doors.begin({"Origin": COUNCIL})
    for token, headers in (
        (own, ELSEWHERE),
        (own, {"User-Agent": FIREFOX.replace("Firefox", "Chrome")}),
        (own, {"Origin": COUNCIL}),
        (embedded, {}),
        (embedded, {"Origin": PUBLIC}),
        (embedded, {"Origin": COUNCIL, **ELSEWHERE}),
    ):
        assert (await doors.call("GET", SESSION, token=token, headers=headers)).status == 401, headers
    assert (await state(doors, own, Origin=PUBLIC)).status == 200
    assert (await state(doors, embedded, Origin=COUNCIL)).status == 200


async def test_an_update_of_the_browser_loses_no_chat(doors: Doors) -> None:
    token = await doors.begin()
    updated = re.sub(r"128\.0", "140.2.1", FIREFOX)
    assert updated != FIREFOX and (await state(doors, token, User_Agent=updated)).status == 200


async def test_only_hashes_are_stored(doors: Doors) -> None:
    first = await doors.begin()
    doors.move(days=1, seconds=1)
    second = (await state(doors, first)).headers["Hearback-Token"]
    await state(doors, second)
    content = stored(doors.home)
    assert first.encode() not in content and second.encode() not in content


async def test_a_token_is_replaced_after_a_day_and_ends_two_minutes_after_its_successor_was_used(doors: Doors) -> None:
    first = await doors.begin()
    doors.move(days=1, seconds=-5)
    assert "Hearback-Token" not in (await state(doors, first)).headers
    doors.move(seconds=10)
    second = (await state(doors, first)).headers["Hearback-Token"]
    assert second != first and (await state(doors, second)).status == 200
    doors.move(seconds=100)
    other_tab = await state(doors, first)
    assert other_tab.status == 200 and other_tab.headers["Hearback-Token"] == second
    doors.move(seconds=30)
    assert (await state(doors, first)).status == 401
    assert (await state(doors, second)).status == 200


async def test_an_answer_that_is_lost_loses_no_chat(doors: Doors) -> None:
    first = await doors.begin()
    doors.move(days=2)
    lost = (await state(doors, first)).headers["Hearback-Token"]
    doors.move(days=9)
    again = (await state(doors, first)).headers["Hearback-Token"]
    assert again == lost and (await state(doors, again)).status == 200


async def test_two_tabs_that_ask_at_once_get_the_same_successor(doors: Doors) -> None:
    import asyncio

    first = await doors.begin()
    doors.move(days=1, minutes=1)
    answers = await asyncio.gather(*(state(doors, first) for _ in range(6)))
    (second,) = {answer.headers["Hearback-Token"] for answer in answers}
    assert (await state(doors, second)).status == 200


async def test_a_client_that_takes_no_successor_goes_on_until_its_token_is_too_old(doors: Doors) -> None:
    first = await doors.begin()
    for _ in range(29):
        doors.move(days=1)
        assert (await state(doors, first)).status == 200
    doors.move(days=1)
    assert (await state(doors, first)).status == 401


async def test_a_chat_in_use_goes_on_for_as_long_as_it_is_used(doors: Doors) -> None:
    token = await doors.begin()
    for _ in range(60):
        doors.move(days=1, seconds=1)
        token = (await state(doors, token)).headers["Hearback-Token"]
    assert (await state(doors, token)).status == 200
    ((kept,),) = rows(doors.home, "select count(*) from chat_tokens")
    assert kept <= 3, "tokens that open nothing are not kept"


async def test_the_successor_belongs_to_the_same_browser_and_page(doors: Doors) -> None:
    first = await doors.begin({"Origin": COUNCIL})
    doors.move(days=1, seconds=1)
    second = (await state(doors, first, Origin=COUNCIL)).headers["Hearback-Token"]
    assert (await state(doors, second)).status == 401
    assert (await state(doors, second, Origin=COUNCIL, **{"User_Agent": "curl/8"})).status == 401
    assert (await state(doors, second, Origin=COUNCIL)).status == 200


async def test_the_cookie_is_renewed_with_the_token(doors: Doors) -> None:
    begun = await doors.call("POST", "/api/chat/sessions")
    cookie = SimpleCookie(begun.headers["Set-Cookie"])["hearback_chat"]
    assert cookie.value == begun.body["token"] and cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["secure"]
    doors.move(days=1, seconds=1)
    page = {"Cookie": f"hearback_chat={cookie.value}", "Sec-Fetch-Site": "same-origin"}
    renewed = await doors.call("GET", SESSION, headers=page)
    assert SimpleCookie(renewed.headers["Set-Cookie"])["hearback_chat"].value == renewed.headers["Hearback-Token"]
    by_header = await state(doors, cookie.value)
    assert "Set-Cookie" not in by_header.headers and by_header.headers["Hearback-Token"] == renewed.headers["Hearback-Token"]


async def test_the_live_line_hands_the_successor_out_too(doors: Doors) -> None:
    token = await doors.begin()
    doors.move(days=1, seconds=1)
    headers = {"Cookie": f"hearback_chat={token}", "Sec-Fetch-Site": "same-origin", "User-Agent": FIREFOX}
    async with doors.http.get(f"{doors.url}/api/chat/events", headers=headers) as line:
        assert line.headers["Hearback-Token"] in line.headers["Set-Cookie"]


async def test_the_cookie_counts_on_our_own_pages_only(doors: Doors) -> None:
    token = await doors.begin()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": COUNCIL}, {"Origin": "null"}):
        for path in (SESSION, "/api/chat/messages", "/api/chat/transcript", "/api/chat/events"):
            refused = await doors.call("GET", path, headers={"Cookie": f"hearback_chat={token}", **headers})
            assert refused.status == 403, (path, headers)


async def test_tokens_age_by_the_real_clock(doors: Doors) -> None:
    """The product's clock may show a day in a second; nobody loses a chat by it."""
    token = await doors.begin()
    ((given, ends),) = rows(doors.home, "select created_at, expires_at from chat_tokens")
    assert given[:10] == doors.at.date().isoformat() and ends > given
    assert (await state(doors, token)).status == 200
