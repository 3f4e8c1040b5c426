"""The domain of a trained model, read in a tenth of the time. Rasa wrote and checked the file when it trained; to read it, it goes through
it six times with a reader written in Python."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.shared.core.domain import Domain

FILE = "domain.yml"
# What Rasa's reader takes for a value and not for words, as YAML 1.2 has it: "no" is a word. https://yaml.org/spec/1.2.2/#1032-tag-resolution
VALUES = {
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": (r"[-+]?[0-9][0-9_]*|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    "float": (
        r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+0123456789."),
    ),
    "timestamp": (
        r"\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?",
        list("0123456789"),
    ),
}  # fmt: skip


class _Reader(yaml.CSafeLoader):
    """Without the implicit values of YAML 1.1."""


_Reader.yaml_implicit_resolvers = {}
for _name, (_pattern, _first) in VALUES.items():
    _Reader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(f"^(?:{_pattern})$"), _first)


def read(file: Path) -> Domain:
    """Rasa's own way where the file has what only it knows: variables of the environment, escapes in a file of nothing but ASCII."""
    text = file.read_text(encoding="utf-8")
    if text.isascii() or "${" in text:
        return Domain.from_path(file)
    reader = _Reader(text)
    try:
        return Domain.from_dict(reader.get_single_data())
    finally:
        reader.dispose()


def load(
    cls: type[DomainProvider], /, config: Any, model_storage: Any, resource: Any, execution_context: Any, **kwargs: Any
) -> DomainProvider:
    """In place of `DomainProvider.load`."""
    with model_storage.read_from(resource) as folder:
        return cls(model_storage, resource, read(Path(folder, FILE)))
