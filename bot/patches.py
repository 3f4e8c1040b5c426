"""What Rasa 3.6.21 lacks: it re-reads its own JSON schema and event classes at every turn, hides failed actions,
and lets the intent `restart` throw away a form unasked ("go back" is near it): ours has a rule like any other intent.

Measured in docs/decisions/0001-light-rasa.md; tests/bot/test_patches.py notices when Rasa changes underneath.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import jsonschema
from rasa.core.actions.action import RemoteAction
from rasa.core.policies.rule_policy import DEFAULT_ACTION_MAPPINGS
from rasa.shared.core.events import Event

_failures: ContextVar[list[str]] = ContextVar("failures")
_spent: ContextVar[list[float]] = ContextVar("spent")


def watch_actions() -> list[str]:
    """The names of actions that fail from now on in this task. Rasa itself swallows such failures and goes on without a word."""
    failures: list[str] = []
    _failures.set(failures)
    _spent.set([])
    return failures


def spent() -> float:
    """Seconds that this task's actions took since `watch_actions`."""
    return sum(_spent.get([]))


def apply() -> None:
    """Patch Rasa, once."""
    if getattr(RemoteAction, "patched_by_hearback", False):
        return
    schema = RemoteAction.action_response_format_spec()
    check = jsonschema.validators.validator_for(schema)(schema)

    def validate(self: Any, result: dict[str, Any]) -> bool:
        check.validate(result)
        return True

    RemoteAction._validate_action_result = validate
    run = RemoteAction.run

    async def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
        began = time.monotonic()
        try:
            return await run(self, *args, **kwargs)
        except Exception:
            _failures.get([]).append(self.name())
            raise
        finally:
            _spent.get([]).append(time.monotonic() - began)

    RemoteAction.run = watched
    Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))
    DEFAULT_ACTION_MAPPINGS.pop("restart", None)
    RemoteAction.patched_by_hearback = True
