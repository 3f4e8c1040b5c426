"""What Rasa 3.6.21 lacks: at every turn it re-reads its own JSON schema and event classes, works out the order of its graph and compares
its whole domain with an empty one; it opens a line of its own for each call of an action; it hides failed actions; and it lets the
intent `restart` throw away a form unasked ("go back" is near it): ours has a rule like any other intent.

Measured in docs/decisions/0001-light-rasa.md; tests/bot/test_patches.py notices when Rasa changes underneath.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache
from graphlib import TopologicalSorter
from typing import Any

import jsonschema
from aiohttp import ClientSession
from rasa.core.actions.action import RemoteAction
from rasa.core.policies.rule_policy import DEFAULT_ACTION_MAPPINGS
from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.utils.endpoints import EndpointConfig

from bot import domain_file
from bot.turns import turns

_failures: ContextVar[list[str]] = ContextVar("failures")
_spent: ContextVar[list[float]] = ContextVar("spent")
_sessions: list[ClientSession] = []


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
            async with turns.away():
                return await run(self, *args, **kwargs)
        except Exception:
            _failures.get([]).append(self.name())
            raise
        finally:
            _spent.get([]).append(time.monotonic() - began)

    RemoteAction.run = watched
    EndpointConfig.session = _kept(EndpointConfig.session)
    Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))
    DaskGraphRunner.run = _run_in_order
    DomainProvider.load = classmethod(domain_file.load)
    Domain.is_empty = _told_once(Domain.is_empty)
    DEFAULT_ACTION_MAPPINGS.pop("restart", None)
    RemoteAction.patched_by_hearback = True


def _run_in_order(self: Any, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
    """The graph's nodes one after another, in an order that is worked out once for each set of targets."""
    wanted = tuple(targets or self._graph_schema.target_names)
    orders = self.__dict__.setdefault("_orders", {})
    if wanted not in orders:
        orders[wanted] = _order(self._graph_schema.minimal_graph_schema(list(wanted)).nodes)
    given = {name: (name, value) for name, value in (inputs or {}).items()}
    try:
        for name, needs in orders[wanted]:
            given[name] = self._instantiated_nodes[name](*(given.get(one, one) for one in needs))
    except RuntimeError as error:
        raise GraphRunError("Error running runner.") from error
    return dict(given[name] for name in wanted)


def _order(nodes: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """(node, what it needs) pairs, each after what it needs."""
    needs = {name: tuple(node.needs.values()) for name, node in nodes.items()}
    sorter = TopologicalSorter({name: [one for one in wanted if one in nodes] for name, wanted in needs.items()})
    return [(name, needs[name]) for name in sorter.static_order()]


def _kept(begin: Callable[[Any], ClientSession]) -> Callable[[Any], contextlib.AbstractAsyncContextManager[ClientSession]]:
    """One session with each endpoint, and so lines that stay open; Rasa would begin one for every call."""

    def session(self: Any) -> contextlib.AbstractAsyncContextManager[ClientSession]:
        kept = self.__dict__.get("_kept")
        if kept is None or kept.closed:
            self._kept = kept = begin(self)
            _sessions.append(kept)
        return contextlib.nullcontext(kept)

    return session


async def hang_up() -> None:
    """Close what `apply` keeps open."""
    while _sessions:
        await _sessions.pop().close()


def _told_once(method: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """The answer of a method about an object that does not change, kept with the object."""

    def answer(self: Any) -> bool:
        if "_told" not in self.__dict__:
            self._told = method(self)
        return bool(self._told)

    return answer
