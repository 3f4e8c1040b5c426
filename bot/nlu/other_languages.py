"""OtherLanguages: the part of Rasa's pipeline that understands what is not written in English.

Each language has classifiers of its own, taught by `data/nlu/languages/`, so that English is understood as well as without them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot import languages
from bot.nlu.components import learning_code
from bot.nlu.danger import INTENT as DANGER
from bot.nlu.keepsakes import embed_taught
from bot.nlu.linear import SentenceModel
from bot.nlu.sentences import embed
from hearback.settings import ROOT

TAUGHT = ROOT / "data" / "nlu" / "languages"
KINDS = ("intents", "services")
OFFERED = 3
UNSURE = 0.15
DANGER_SHARE = 0.2  # from which a message is danger, whatever else it may be


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class OtherLanguages(GraphComponent, IntentClassifier):
    """Replaces intent and services of a message in another language; it comes after what reads English and after the fallback."""

    def __init__(self, storage: ModelStorage, resource: Resource, models: dict[str, dict[str, SentenceModel]]) -> None:
        self._storage, self._resource, self._models = storage, resource, models

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> OtherLanguages:
        return cls(model_storage, resource, {})

    @classmethod
    def load(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **kwargs: Any
    ) -> OtherLanguages:
        with model_storage.read_from(resource) as folder:
            models = {one.name: {kind: SentenceModel.load(one / kind) for kind in KINDS} for one in Path(folder).iterdir()}
        return cls(model_storage, resource, models)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """The phrases are training data of ours that Rasa does not know of: a change must train this part again."""
        phrases = b"".join(path.read_bytes() for path in sorted(TAUGHT.glob("*.yml")))
        return hashlib.sha256(phrases).hexdigest() + learning_code()

    def train(self, training_data: TrainingData) -> Resource:
        with self._storage.write_to(self._resource) as folder:
            for path in sorted(TAUGHT.glob("*.yml")):
                taught = yaml.safe_load(path.read_text(encoding="utf-8"))
                self._models[path.stem] = {kind: _learnt(taught[kind]) for kind in KINDS}
                for kind, model in self._models[path.stem].items():
                    Path(folder, path.stem, kind).mkdir(parents=True)
                    model.save(Path(folder, path.stem, kind))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get("text")
            if not text or text.startswith("/"):
                continue
            if models := self._models.get(_language(message)):
                embedded = embed(text)  # as written: English spelling mends nothing here
                ranked = models["intents"].probabilities(text, embedded)
                ranked.sort(key=lambda one: one[0] != DANGER or one[1] < DANGER_SHARE)
                intents = [{"name": name, "confidence": share} for name, share in ranked]
                services = [{"code": code, "score": share} for code, share in models["services"].probabilities(text, embedded)[:OFFERED]]
                if ranked[0][1] < UNSURE:
                    intents.insert(0, {"name": "nlu_fallback", "confidence": UNSURE})
                message.set("intent", intents[0], add_to_output=True)
                message.set("intent_ranking", intents, add_to_output=True)
                message.set("services", services, add_to_output=True)
        return messages


def _learnt(phrases: dict[str, list[str]]) -> SentenceModel:
    texts, labels = zip(*((text, label) for label, texts in phrases.items() for text in texts), strict=True)
    return SentenceModel.train(texts, labels, embed_taught(texts), nearness=0.0)  # the nearest sentence is sought in English


def _language(message: Message) -> str:
    """As the conversation has it, else as the message itself tells."""
    known = (message.get("metadata") or {}).get("language")
    return str(known or languages.language_of(message.get("text"), "en") or "en")
