"""CatalogueMatcher: the part of Rasa's pipeline that adds `services` [{code, score}] and `information` [{id, score}] to a message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from backoffice import catalogue
from bot.nlu.components import embedding_of, learning_code, mended_text
from bot.nlu.matching import ServiceMatcher
from hearback import profile
from hearback.settings import Settings

OFFERED = 3


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class CatalogueMatcher(GraphComponent):
    """Matches what the citizen says to what the council does. Reads the kept catalogue anew whenever it changes."""

    def __init__(
        self, storage: ModelStorage, resource: Resource, services: ServiceMatcher | None, information: ServiceMatcher | None
    ) -> None:
        self._storage, self._resource = storage, resource
        self._services, self._information = services, information
        self._home = Settings.from_environ().home
        self._seen: tuple[int, int] | None = None

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> CatalogueMatcher:
        return cls(model_storage, resource, None, None)

    @classmethod
    def load(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **kwargs: Any
    ) -> CatalogueMatcher:
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, ServiceMatcher.load(folder / "services"), ServiceMatcher.load(folder / "information"))

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """The phrases are training data of ours that Rasa does not know of: a change must train this part again."""
        return profile.fingerprint() + learning_code()

    def train(self, training_data: TrainingData) -> Resource:
        self._services = ServiceMatcher.train(profile.service_phrases())
        self._information = ServiceMatcher.train(profile.information_phrases())
        with self._storage.write_to(self._resource) as folder:
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
        return messages

    def _take_up_changes(self) -> None:
        seen = catalogue.version(self._home)
        if seen != self._seen and self._services:
            self._services.learn(catalogue.read(self._home))
            self._seen = seen
