"""`python tests/fuzz/one.py TARGET [libFuzzer's options]`: one target under atheris, until its time is over or it breaks."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import atheris

HERE = Path(__file__).parent
PACKAGES = ["hearback", "channels", "console", "backoffice", "engagement", "bot"]
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

with atheris.instrument_imports(include=PACKAGES):
    from targets import TARGETS


def main() -> None:
    logging.disable(logging.CRITICAL)
    name, *options = sys.argv[1:]
    atheris.Setup([sys.argv[0], *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
