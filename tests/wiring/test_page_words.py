"""The words of our own pages: each that a template or page says stands in chat.yml, and each that stands there is said."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
TOLD = yaml.safe_load((ROOT / "data" / "council" / "chat.yml").read_text(encoding="utf-8"))
FILES = [*(ROOT / "channels" / "templates").glob("*.html"), *(ROOT / "channels").glob("page*.py")]
TEXT = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
BUILT = {"accessibility", "privacy", "about", "waiting", "with_staff"} | {f"rating_{score}" for score in range(1, 6)}
BUILT |= {f"{what}_{part}" for what in ("end", "delete") for part in ("title", "why", "confirm")}  # put together in a template


def test_every_word_that_is_said_stands_in_chat_yml() -> None:
    said = set(re.findall(r"say\(['\"](\w+)['\"]\s*[,)]", TEXT)) | BUILT
    assert said - {*TOLD["words"], *TOLD["page"]} == set()


def test_every_word_of_the_page_is_said() -> None:
    quoted = set(re.findall(r"['\"](\w+)['\"]", TEXT)) | BUILT
    assert set(TOLD["page"]) - quoted == set()


def test_no_word_stands_twice() -> None:
    assert set(TOLD["page"]) & set(TOLD["words"]) == set()
