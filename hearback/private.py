"""The data folder belongs to the user that runs Hearback: nobody else of the machine reads citizens' words in it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

OTHERS = 0o007  # the group's rights are left as they are: a backup may need them


def only_ours(home: Path) -> None:
    """From now on this process and its children make files that nobody else reads; databases and logs that are there become so."""
    os.umask(0o077)
    for path in (*home.glob("*.db*"), *home.glob("*/*.db*"), *home.glob("logs/*")):
        with contextlib.suppress(OSError):
            mode = path.stat().st_mode
            if mode & OTHERS:
                path.chmod(mode & ~OTHERS)
