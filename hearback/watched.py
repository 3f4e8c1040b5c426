"""Files that may be changed while Hearback runs: read again when they were saved."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import yaml

from hearback.settings import SettingsError

logger = logging.getLogger("hearback.watched")
T = TypeVar("T")


class Watched(Generic[T]):
    """What `read` makes of some files. A change that cannot be used is left aside with a line in the log; what was read before stays."""

    def __init__(self, paths: tuple[Path, ...], read: Callable[[], T]) -> None:
        self._paths, self._read = paths, read
        self._saved: tuple[int, ...] = ()
        self._value: T | None = None

    def value(self) -> T:
        """As the files are now; raises SettingsError where they could never be used."""
        try:
            saved = tuple(path.stat().st_mtime_ns for path in self._paths)
            if saved != self._saved:
                self._saved, self._value = saved, self._read()
        except (SettingsError, OSError, yaml.YAMLError) as error:
            if self._value is None:
                self._saved = ()
                raise SettingsError(sentence(self._paths, error)) from None
            logger.warning("What was read before is kept. %s", sentence(self._paths, error))
        assert self._value is not None
        return self._value


def sentence(paths: tuple[Path, ...], error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        mark = error.problem_mark
        return f"{mark.name} is no YAML that we can read: look at line {mark.line + 1}, column {mark.column + 1}."
    if isinstance(error, OSError):
        return f"{error.filename} cannot be read ({error.strerror})."
    return str(error)
