"""What is wrong with a file of data/council is a sentence that names it, whatever stands in the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import yaml

from hearback.settings import SettingsError

# What reading goes on to do with another shape than the one it expects.
OTHER_SHAPE = (AttributeError, KeyError, TypeError, ValueError, IndexError, OverflowError, RecursionError)


@contextmanager
def reading(name: str) -> Iterator[None]:
    """`with reading("costs.yml"):`, or above a function; what cannot be read raises SettingsError."""
    try:
        yield
    except (yaml.YAMLError, UnicodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}" if mark else ""
        raise SettingsError(f"data/council/{name} cannot be read{place}: look for quotation marks, colons and spaces there.") from None
    except OTHER_SHAPE as error:
        named = f" ({error})" if isinstance(error, KeyError) else ""
        raise SettingsError(
            f"data/council/{name} has another shape than it must have{named}: put it beside the file that Hearback came with."
        ) from None
