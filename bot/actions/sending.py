"""Sends a request to the council's back office, once; keeps it for later when that fails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from backoffice.errors import BackOfficeError, BackOfficeRefused, NotFound
from backoffice.records import Service
from bot.actions.task import HANDED_OVER, Here, Task
from bot.actions.turn import Events, set_slots

AGAIN = timedelta(seconds=10)


async def send(
    here: Here,
    task: Task,
    service: Service,
    report: dict[str, Any],
    *,
    contact_id: int | None = None,
    updates: bool = False,
    hears: str = "all",
    sent: str = "utter_request_sent",
    **values: str,
) -> Events:
    """Write the request of a task down, send it and tell its reference with the response `sent`."""
    log, key = here.services.log, here.turn.key
    request, new = await log.requests.open(
        key=key, conversation_id=here.turn.conversation, service_code=service.code, service_name=service.name, report=report,
        contact_id=contact_id, updates=updates, hears=hears,
    )  # fmt: skip
    if not new:
        here.say(sent if request.reference else "utter_request_kept_for_later", reference=request.reference or "", **values)
        return set_slots(reference=request.reference)
    try:
        created = await here.services.open311.create(request.service_code, request.report, tag=request.tag)
    except (BackOfficeRefused, NotFound) as error:
        reasons = "; ".join(getattr(error, "reasons", [])) or type(error).__name__
        await log.requests.refuse(key, error=reasons[:500])
        await log.hand_over(here.turn.conversation, key=key, reason="request_refused")
        task.end = HANDED_OVER
        here.say(BackOfficeRefused.response)
        return []
    except BackOfficeError as error:
        await log.requests.keep(key, after=AGAIN, settles=error.settles, error=type(error).__name__)
        here.say(error.response)
        return []
    told = created.reference is not None or created.token is None
    await log.requests.sent(
        key, reference=created.reference, token=created.token, service_notice=created.service_notice, told=told, task=task.name
    )
    if created.reference is None:
        here.say("utter_request_sent_without_reference")
    else:
        here.say(sent, reference=created.reference, **values)
    return set_slots(reference=created.reference)
