"""Where citizens' photos lie in the data folder, for all who look at them or take them away."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def photo_path(home: Path, id: str) -> Path:
    return home / "photos" / id[:2] / f"{id}.jpg"


def remove_photos(home: Path, ids: Iterable[str]) -> None:
    """Delete the files of photos; those that are gone already are no error."""
    for id in ids:
        photo_path(home, id).unlink(missing_ok=True)
