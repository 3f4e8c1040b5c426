"""Large tables of which a sentence needs a few rows, in files beside the models: only what is touched takes memory, once for all Rasas."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hearback.settings import Settings

Array = NDArray[Any]
FOLDER = "tables"


def tables(name: str, make: Callable[[], dict[str, Array]], folder: Path | None = None) -> dict[str, Array]:
    """The arrays of this name, which says all that they are made from; made where they are missing, in memory where no file can be."""
    place = (folder or Settings.from_environ().models / FOLDER) / name
    if (kept := _read(place)) is not None:
        return kept
    made = make()
    with contextlib.suppress(OSError):
        _write(place, made)
    kept = _read(place)
    return made if kept is None else kept


def file_of(package: str, path: str) -> Path:
    """Where a package keeps a file."""
    found = importlib.util.find_spec(package)
    assert found is not None and found.submodule_search_locations, f"{package} is not installed: run `make setup`"
    return Path(found.submodule_search_locations[0], path)


def _read(place: Path) -> dict[str, Array] | None:
    """None where they are not there, or cut off."""
    try:
        return {file.stem: np.load(file, mmap_mode="r", allow_pickle=False).view(np.ndarray) for file in place.glob("*.npy")} or None
    except (OSError, ValueError, EOFError):
        return None


def _write(place: Path, arrays: dict[str, Array]) -> None:
    """All of them or none, also where two processes do it at once or one dies in it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}-"))
    try:
        (beside / "new").mkdir()
        for name, array in arrays.items():
            np.save(beside / "new" / name, array)
        with contextlib.suppress(FileNotFoundError):
            os.replace(place, beside / "cut off")
        os.replace(beside / "new", place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


class Rows:
    """A table that is read from its file row by row: `rows[numbers]` [rows, columns]. Mapped, each row would bring its neighbours along."""

    def __init__(self, array: Array) -> None:
        """`array` as `tables` gave it; one in memory stays there."""
        self._array, self._file = array, None
        if isinstance(array.base, np.memmap):
            mapped = array.base
            self._file, self._begin = os.open(str(mapped.filename), os.O_RDONLY), mapped.offset
            self._shape, self._type = array.shape[1:], array.dtype
            self._size = array.dtype.itemsize * int(np.prod(self._shape))

    def __getitem__(self, numbers: Array) -> Array:
        if self._file is None:
            return np.asarray(self._array[numbers])
        read = b"".join(os.pread(self._file, self._size, self._begin + int(number) * self._size) for number in numbers)
        return np.frombuffer(read, self._type).reshape(-1, *self._shape)
