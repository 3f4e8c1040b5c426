"""Hearback's parts of Rasa's pipeline: CouncilLanguage (tokens and entities) and SentenceClassifier (intents)."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import lessons
from bot.nlu.keepsakes import embed_taught
from bot.nlu.language import council_language
from bot.nlu.linear import SentenceModel
from bot.nlu.sentences import Array, embed, whole_words
from bot.nlu.spelling import Spelling

EMBEDDING = "sentence_embedding"
MENDED = "mended_text"
SPELLING = "spelling.json"
NUMBER = re.compile(r"[\W_]*\d[\W\d_]*")


def learning_code() -> str:
    """Changes when the code that learns does."""
    here = Path(__file__).parent
    names = (
        "linear.py", "logistic.py", "sentences.py", "minilm.py", "multilingual.py", "eight_bits.py", "spelling.py", "matching.py",
        "lessons.py", "danger.py",
    )  # fmt: skip
    return hashlib.sha256(b"".join((here / name).read_bytes() for name in names)).hexdigest()


def mended_text(message: Message) -> str:
    """The message's text with its typing errors mended, as the classifier left it."""
    return str(message.get(MENDED) or message.get("text") or "")


def embedding_of(message: Message) -> Array:
    """The mended sentence's embedding, computed once for all components of the pipeline."""
    known = message.get(EMBEDDING)
    if known is None:
        known = embed(mended_text(message))
        message.set(EMBEDDING, known)
    return np.asarray(known)


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=False
)
class CouncilLanguage(Tokenizer, EntityExtractorMixin):
    """spaCy's English tokens, and the entities of `bot.nlu.language`."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._language = council_language()

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> CouncilLanguage:
        return cls(config)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @staticmethod
    def required_packages() -> list[str]:
        return ["spacy"]

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        doc = self._language.tokenizer(message.get(attribute))
        return [Token(token.text, token.idx, lemma=token.lower_) for token in doc if not token.is_space]

    def process(self, messages: list[Message]) -> list[Message]:
        """Entities only: no part of the pipeline asks for the tokens of a citizen's message."""
        for message in messages:
            text = message.get("text")
            if not text or text.startswith("/"):
                continue
            found = self._language(text).user_data["found"]
            entities = [
                {"entity": one.label, "start": one.start, "end": one.end, "value": one.value, "extractor": "CouncilLanguage"}
                for one in found
            ]
            message.set("entities", [*(message.get("entities") or []), *entities], add_to_output=True)
        return messages


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class SentenceClassifier(GraphComponent, IntentClassifier):
    """Intents by n-grams and sentence embeddings, with a linear model on top; typing errors are mended first."""

    def __init__(
        self,
        model_storage: ModelStorage,
        resource: Resource,
        classifier: SentenceModel | None = None,
        spelling: Spelling | None = None,
    ) -> None:
        self._model_storage, self._resource, self._classifier, self._spelling = model_storage, resource, classifier, spelling

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> SentenceClassifier:
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **kwargs: Any
    ) -> SentenceClassifier:
        with model_storage.read_from(resource) as folder:
            spelling = Spelling(json.loads((folder / SPELLING).read_text()), whole_words())
            return cls(model_storage, resource, SentenceModel.load(folder), spelling)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Rasa knows neither of the council's own phrases nor of this file's neighbours: a change must train this part again."""
        return lessons.fingerprint() + learning_code()

    def train(self, training_data: TrainingData) -> Resource:
        taught = [(one.get("text"), one.get("intent")) for one in training_data.intent_examples if one.get("text")]
        texts, intents = zip(*taught, *lessons.lessons(), strict=True)
        self._spelling = Spelling.learn(texts, whole_words())
        self._classifier = SentenceModel.train(texts, intents, embed_taught(texts))
        with self._model_storage.write_to(self._resource) as folder:
            self._classifier.save(folder)
            (folder / SPELLING).write_text(json.dumps(self._spelling.taught, ensure_ascii=False))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get("text")
            if not text or self._classifier is None or self._spelling is None or not text.strip():
                continue
            if text.startswith("/"):  # a choice of ours, which Rasa reads by itself in the end
                message.set("intent", {"name": "inform", "confidence": 1.0}, add_to_output=True)
                continue
            mended = self._spelling.mend(text)
            message.set(MENDED, mended)
            ranked = [{"name": name, "confidence": share} for name, share in self._classifier.probabilities(mended, embedding_of(message))]
            if NUMBER.fullmatch(text):  # a phone, a date, an amount: what it is for only the question tells
                ranked = [{"name": "inform", "confidence": 1.0}, *({**one, "confidence": 0.0} for one in ranked if one["name"] != "inform")]
            message.set("intent", ranked[0], add_to_output=True)
            message.set("intent_ranking", ranked, add_to_output=True)
        return messages
