"""Files in the data folder that keep what a council system told us, so that it is known while the system is away."""

from __future__ import annotations

import os
from pathlib import Path

Version = tuple[int, int]
NEVER: Version = (0, 0)


def keep(path: Path, body: bytes) -> bool:
    """Replace the file as a whole; returns whether anything changed."""
    if path.exists() and path.read_bytes() == body:
        return False
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.write_bytes(body)
    os.replace(temporary, path)
    return True


def version(path: Path) -> Version:
    """Changes whenever the file does; NEVER while there is none."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return NEVER
    return (stat.st_mtime_ns, stat.st_ino)
