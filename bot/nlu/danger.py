"""DangerWatch: the part of Rasa's pipeline that lets danger to life win, and adds `danger` {kind, score} to the message."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import lessons
from bot.nlu.components import embedding_of, learning_code, mended_text
from bot.nlu.keepsakes import embed_taught
from bot.nlu.linear import SentenceModel
from bot.nlu.sentences import Array
from bot.nlu.spelling import plain

INTENT = "report_danger"
LEAST = 0.6  # confidence of a danger that was seen: above any fallback


class Kinds:
    """Which kind of danger a sentence tells of."""

    def __init__(self, model: SentenceModel) -> None:
        self._model = model
        self._sure = {
            kind: re.compile(r"\b(?:" + "|".join(re.escape(plain(words)) for words in told["sure"]) + r")\b")
            for kind, told in lessons.dangers().items()
        }

    @classmethod
    def train(cls) -> Kinds:
        said = [(text, kind) for kind, told in lessons.dangers().items() for text in (*told["examples"], *told["sure"])]
        texts, kinds = zip(*said, strict=True)
        return cls(SentenceModel.train(texts, kinds, embed_taught(texts)))

    def sure(self, text: str) -> str | None:
        """The kind whose unmistakable words stand in the text."""
        return next((kind for kind, words in self._sure.items() if words.search(plain(text))), None)

    def likeliest(self, text: str, embedded: Array) -> str:
        return self.sure(text) or self._model.probabilities(text, embedded)[0][0]

    def save(self, folder: Path) -> None:
        self._model.save(folder)

    @classmethod
    def load(cls, folder: Path) -> Kinds:
        return cls(SentenceModel.load(folder))


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class DangerWatch(GraphComponent):
    """Understands `report_danger` before any other intent. Stands after the classifier and the catalogue, before the fallback."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource, kinds: Kinds | None) -> None:
        self._config = config
        self._storage, self._resource, self._kinds = storage, resource, kinds

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """From these shares on a message is danger: usually, with words that are unmistakable, and when a service is sure of it."""
        return {"threshold": 0.05, "with_sure_words": 0.0005, "with_sure_service": 0.3, "sure_service": 0.7}

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> DangerWatch:
        return cls(config, model_storage, resource, None)

    @classmethod
    def load(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **kwargs: Any
    ) -> DangerWatch:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, Kinds.load(folder))

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        return lessons.fingerprint() + learning_code()

    def train(self, training_data: TrainingData) -> Resource:
        self._kinds = Kinds.train()
        with self._storage.write_to(self._resource) as folder:
            self._kinds.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = message.get("intent_ranking")
            if not ranking or self._kinds is None:
                continue
            text, embedded = mended_text(message), embedding_of(message)
            shares = {one["name"]: one["confidence"] for one in ranking}
            score = shares.pop(INTENT, 0.0)
            if score < self._config[self._measure(text, message.get("services"))]:
                continue
            message.set("danger", {"kind": self._kinds.likeliest(text, embedded), "score": round(score, 4)}, add_to_output=True)
            won = max(LEAST, score)
            left = (1 - won) / (sum(shares.values()) or 1.0)
            ranked = [{"name": INTENT, "confidence": won}]
            ranked += [{"name": name, "confidence": share * left} for name, share in shares.items()]
            message.set("intent", ranked[0], add_to_output=True)
            message.set("intent_ranking", ranked, add_to_output=True)
        return messages

    def _measure(self, text: str, services: list[dict[str, Any]] | None) -> str:
        """Which of the thresholds holds for a message."""
        if self._kinds and self._kinds.sure(text):
            return "with_sure_words"
        best = services[0]["score"] if services else 0.0
        return "with_sure_service" if best >= self._config["sure_service"] else "threshold"
