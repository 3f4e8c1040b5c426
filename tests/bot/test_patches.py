"""Our patches of Rasa still fit the Rasa that is installed."""

import inspect
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.policies import rule_policy
from rasa.core.processor import MessageProcessor
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered
from rasa.utils.endpoints import EndpointConfig

from bot import domain_file, patches
from hearback.settings import ROOT


def test_an_actions_answer_is_still_checked() -> None:
    patches.apply()
    action = RemoteAction("action_x", None)
    assert action._validate_action_result({"events": [], "responses": []})
    with pytest.raises(ValidationError):
        action._validate_action_result({"events": "none"})


def test_event_classes_are_looked_up_once() -> None:
    patches.apply()
    assert Event.resolve_by_type("user") is UserUttered
    assert Event.resolve_by_type.cache_info().maxsize is None


def test_restart_is_an_intent_like_any_other() -> None:
    patches.apply()
    assert rule_policy.DEFAULT_ACTION_MAPPINGS == {"back": "action_back", "session_start": "action_session_start"}


async def test_a_failed_action_is_noticed() -> None:
    patches.apply()
    failures = patches.watch_actions()
    with pytest.raises(Exception):  # noqa: B017  (whatever Rasa raises without an endpoint)
        await RemoteAction("action_x", None).run(None, None, None, None)
    assert failures == ["action_x"]


async def test_calls_of_actions_share_one_line() -> None:
    """An action server that counts who connects; closed in between, it is called again over a new line."""
    patches.apply()
    lines = set()

    async def answer(request: web.Request) -> web.Response:
        lines.add(request.transport)
        return web.json_response({"events": [], "responses": []})

    app = web.Application()
    app.router.add_post("/webhook", answer)
    async with TestServer(app) as server:
        endpoint = EndpointConfig(str(server.make_url("/webhook")))
        for _ in range(3):
            assert await endpoint.request(json={}) == {"events": [], "responses": []}
        assert len(lines) == 1
        await patches.hang_up()
        await endpoint.request(json={})
        assert len(lines) == 2
        await patches.hang_up()


def test_a_domain_is_read_as_rasa_reads_it(tmp_path: Path) -> None:
    patches.apply()
    file = tmp_path / "domain.yml"
    Domain.from_path(ROOT / "domain.yml").persist(file)
    assert not file.read_text().isascii()
    read = domain_file.read(file)
    assert read.as_dict() == Domain.from_path(tmp_path).as_dict() and read.fingerprint() == Domain.from_path(tmp_path).fingerprint()


@pytest.mark.parametrize(
    "value",
    [
        "no",
        "Yes",
        "off",
        "n",
        "1",
        "-3",
        "1.5",
        "1e3",
        "12:30",
        "0o17",
        "2026-11-26",
        "2026-11-26 10:00:00",
        "true",
        "~",
        "null",
        "'1'",
        "1_000",
        ".5",
        "é",
    ],
)
def test_a_value_is_what_rasa_takes_it_for(tmp_path: Path, value: str) -> None:
    text = f"responses:\n  utter_x:\n  - text: é\n    custom: {{a: {value}, b: [{value}]}}\n"
    (tmp_path / "domain.yml").write_text(text)
    ours, rasas = domain_file.read(tmp_path / "domain.yml"), Domain.from_yaml(text)
    assert repr(ours.responses["utter_x"][0]["custom"]) == repr(dict(rasas.responses["utter_x"][0]["custom"]))


def test_rasa_still_has_what_the_connector_uses() -> None:
    source = inspect.getsource(MessageProcessor.handle_message)
    for step in ("log_message", "run_action_extract_slots", "_run_prediction_loop", "save_tracker"):
        assert step in source


def test_a_graph_runs_each_part_after_what_it_needs() -> None:
    """Rasa's own runner and ours give the same, also where a part that is not asked for stays out."""
    schema = GraphSchema(
        {
            "last": _part({"first": "both", "second": "given"}),
            "both": _part({"first": "one", "second": "other"}),
            "one": _part({"first": "given"}),
            "other": _part({"first": "given"}),
            "unasked": _part({"first": "missing"}),
        }
    )
    context = ExecutionContext(schema, "a model")
    runner = DaskGraphRunner(schema, None, context)  # type: ignore[arg-type]
    patches.apply()
    assert runner.run({"given": "a"}, targets=["last", "one"]) == {"last": "(((a.).(a.)).a)", "one": "(a.)"}
    assert runner.run({"given": "b"}, targets=["one"]) == {"one": "(b.)"}


class Joined(GraphComponent):
    """Writes down what it was given."""

    @classmethod
    def create(cls, *args: object, **kwargs: object) -> "Joined":
        return cls()

    def join(self, first: str, second: str = "") -> str:
        return f"({first}.{second})"


def _part(needs: dict[str, str]) -> SchemaNode:
    return SchemaNode(needs=needs, uses=Joined, constructor_name="create", fn="join", config={}, eager=True)


def test_a_domain_is_looked_through_for_emptiness_once() -> None:
    patches.apply()
    domain = Domain.from_dict({"intents": ["greet"]})
    assert not domain.is_empty() and Domain.empty().is_empty()
    domain.as_dict = None  # type: ignore[method-assign]
    assert not domain.is_empty()
