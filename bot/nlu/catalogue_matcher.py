"""CatalogueMatcher: the part of Rasa's pipeline that adds what a message may be about, best first.

`services` [{code, score}], `information` [{id, score}], `support` [{id, score}] and `need` {id, score}.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from backoffice import catalogue, support
from bot.nlu import lessons
from bot.nlu.components import embedding_of, learning_code, mended_text
from bot.nlu.matching import ServiceMatcher
from bot.nlu.support import SupportMatcher
from bot.own_tasks import OWN_TASK
from hearback import profile
from hearback.profile import UNSAID, Need
from hearback.settings import Settings

OFFERED = 3
SURE_FACT = 0.5  # below, a sentence that seems a bare fact may be more
SURE, MARGIN = 0.7, 0.4  # from which an entry of the catalogue tells what an unclear sentence wants
NEEDS = "needs.json"  # what colleagues taught of needs
SUPPORT_OFFERED = 12  # some are not for everyone's age, or not near


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class CatalogueMatcher(GraphComponent):
    """Matches what the citizen says to what the council does. Reads the kept catalogue anew whenever it changes."""

    def __init__(
        self,
        storage: ModelStorage,
        resource: Resource,
        services: ServiceMatcher | None,
        information: ServiceMatcher | None,
        needs: Mapping[str, Sequence[str]],
    ) -> None:
        self._storage, self._resource = storage, resource
        self._services, self._information, self._support = services, information, SupportMatcher(_needs(needs))
        self._home = Settings.from_environ().home
        self._seen: object = None
        self._seen_support: object = None

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> CatalogueMatcher:
        return cls(model_storage, resource, None, None, {})

    @classmethod
    def load(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **kwargs: Any
    ) -> CatalogueMatcher:
        with model_storage.read_from(resource) as folder:
            services, information = (ServiceMatcher.load(folder / name) for name in ("services", "information"))
            needs = json.loads((folder / NEEDS).read_text(encoding="utf-8"))
            matcher = cls(model_storage, resource, services, information, needs)
        matcher._take_up_changes()  # before the first citizen waits for it
        return matcher

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """The phrases are training data of ours that Rasa does not know of: a change must train this part again."""
        return profile.fingerprint() + learning_code() + hashlib.sha256(Path(__file__).read_bytes()).hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        taught = {kind: lessons.reviewed(training_data.intent_examples, kind) for kind in ("service", "information", "need")}
        self._services = ServiceMatcher.train(lessons.joined(profile.service_phrases(), taught["service"]))
        self._information = ServiceMatcher.train(lessons.joined(profile.information_phrases(), taught["information"]))
        self._support = SupportMatcher(_needs(taught["need"]))
        with self._storage.write_to(self._resource) as folder:
            Path(folder, NEEDS).write_text(json.dumps(taught["need"], ensure_ascii=False), encoding="utf-8")
            for name, matcher in (("services", self._services), ("information", self._information)):
                Path(folder, name).mkdir()
                matcher.save(Path(folder, name))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        self._take_up_changes()
        for message in messages:
            text = message.get("text")
            if not text or text.startswith("/"):
                continue
            mended, embedded = mended_text(message), embedding_of(message)
            if self._services:
                best = self._services.scores(mended, embedded)[:OFFERED]
                message.set("services", [{"code": code, "score": score} for code, score in best], add_to_output=True)
            if self._information:
                best = self._information.scores(mended, embedded)[:OFFERED]
                message.set("information", [{"id": name, "score": score} for name, score in best], add_to_output=True)
            best, need = self._support.scores(text, embedded)[:SUPPORT_OFFERED], self._support.need(embedded)
            message.set("support", [{"id": name, "score": score} for name, score in best], add_to_output=True)
            message.set("need", {"id": need[0], "score": need[1]}, add_to_output=True)
            if wanted := _wanted(message):
                message.set("intent", wanted, add_to_output=True)
        return messages

    def _take_up_changes(self) -> None:
        seen = catalogue.version(self._home)
        if seen != self._seen and self._services:
            self._services.learn(catalogue.read(self._home))
            self._seen = seen
        if (seen_support := support.version(self._home)) != self._seen_support:
            self._support.learn(support.read(self._home))
            self._seen_support = seen_support


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class SureEntry(GraphComponent):
    """Gives a sentence whose words are unclear the task of what it is about, where one entry of the catalogue is far above all others."""

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> SureEntry:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if (
                not str(message.get("text") or "/").startswith("/")
                and _unclear(message.get("intent") or {})
                and (wanted := _wanted(message))
            ):
                message.set("intent", wanted, add_to_output=True)
        return messages


def _needs(taught: Mapping[str, Sequence[str]]) -> dict[str, Need]:
    """The needs of the profile with what colleagues taught of them."""
    return {name: replace(need, examples=(*need.examples, *taught.get(name, ()))) for name, need in profile.needs().items()}


def _unclear(intent: dict[str, Any]) -> bool:
    """Not understood, or only just taken for a bare fact."""
    return intent.get("name") == "nlu_fallback" or (intent.get("name") == "inform" and intent.get("confidence", 1.0) < SURE_FACT)


def _wanted(message: Message) -> dict[str, Any] | None:
    """The intent of a sentence that is unclear, but not what it is about: one entry of the catalogue is far above all others.

    Whoever tells of a need that has a helpline is never told that the council does not do that.
    """
    understood, need = (message.get("intent") or {}).get("name"), message.get("need")
    best: list[tuple[float, str]] = [] if need["id"] == UNSAID else [(need["score"], "find_support")]
    if understood == "nlu_fallback":
        best += [(one["score"], "ask_information") for one in message.get("information") or ()]
        best += [(one["score"], "report_problem") for one in message.get("services") or () if one["code"] not in OWN_TASK]
    elif understood != "out_of_scope" or not profile.needs()[need["id"]].helpline:
        return None
    best.sort(reverse=True)
    if not best or best[0][0] < SURE or any(best[0][0] - score < MARGIN for score, _ in best[1:]):
        return None
    return {"name": best[0][1], "confidence": best[0][0]}
