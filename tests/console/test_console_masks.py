"""Nobody reads a citizen's number, address or name anywhere in the console without asking for it, which is written down."""

import re
from typing import Any

import pytest
from test_console_access import example

from console.access import ROUTES
from console.routes import AGENTS, ROLES, Access
from engagement.values import InboundMessage

PHONE, OTHER = "+447700900123", "07700 900999"
EMAIL, NAME = "hannah.quartermain@example.org", "Quartermain"
# As digits, however they are grouped: 7700900123 and 7700900999.
TELLING = re.compile(
    r"7\D{0,2}7\D{0,2}0\D{0,2}0\D{0,2}9\D{0,2}0\D{0,2}0\D{0,2}(?:1\D{0,2}2\D{0,2}3|9\D{0,2}9\D{0,2}9)|quartermain", re.IGNORECASE
)


@pytest.fixture
async def telling(console: Any) -> str:
    """A conversation in which a citizen's number, address and name went everywhere where such things go."""
    log = console.log
    conversation, message = await console.text_message(f"Ring me on {OTHER} or write to {EMAIL}", sender=PHONE)
    left = await log.receive(
        InboundMessage(channel="sms", provider_id="SM9", text=f"or {EMAIL}", sender=PHONE, received_by="+441632960000")
    )
    report = {
        "description": f"Call {OTHER}", "phone": "+447700900999", "email": EMAIL, "first_name": "Hannah", "last_name": NAME,
        "address": f"Behind {EMAIL}", "attributes": {"HOW": f"ring {OTHER}", "MORE": [EMAIL]},
    }  # fmt: skip
    await log.requests.open(key="k1", conversation_id=conversation, service_code="POTHOLE", service_name="Pothole", report=report)
    await log.requests.sent("k1", reference="ASH-1", token=None, service_notice=None, told=True)
    contact = console.rows("select id from contacts order by id")[0][0]
    await log.handovers.open(
        conversation, key="h1", reason="talk_to_person", contact_id=contact, details={"words": f"Ring {OTHER}", "email": EMAIL}
    )
    (handover,) = console.rows("select id from handovers")[0]
    ada = await log.staff.by_name("ada")
    await log.handovers.close(handover, staff_id=ada.id, minutes=3, note=f"Rang {OTHER}, wrote to {EMAIL}")
    await log.staff.note(ada, "downloaded_csv", "conversations", {"text": OTHER, "by": [EMAIL]})
    assert left.conversation_id == conversation and message
    return conversation


@pytest.mark.parametrize("role", ROLES)
async def test_no_page_and_no_address_of_the_api_shows_them(console: Any, telling: str, role: str) -> None:
    await console.add("kim", role)
    browser, headers, seen = await console.signed_in("kim"), await console.token("kim"), 0
    for route in console.app[ROUTES].values():
        if route.method != "GET" or route.access not in (Access.STAFF, Access.API) or role not in route.roles or "event" in route.path:
            continue
        path = example(route.path).replace("0" * 32, telling)
        answer = await browser.get(path, headers=headers if route.access is Access.API else None)
        found = TELLING.search(re.sub(r"[0-9a-f]{32}", "", answer.text))
        assert not found, (route.name, found)
        seen += answer.status == 200
    assert seen > 5


@pytest.mark.parametrize("role", ROLES)
async def test_who_talks_with_citizens_may_ask_for_the_number_which_is_written_down_first(console: Any, telling: str, role: str) -> None:
    await console.add("kim", role)
    browser = await console.signed_in("kim")
    answer = await browser.post(f"/conversations/{telling}/phone", page="/account")
    assert answer.status == (200 if role in AGENTS else 403)
    assert bool(TELLING.search(answer.text)) == (role in AGENTS)
    assert console.audited("showed_phone") == ([(2, telling)] if role in AGENTS else [])
