"""Every parser meets whatever there is with its own errors: a short run of chosen words, and everything that once broke one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from targets import TARGETS

SEEDS = Path(__file__).parent / "seeds"
COMMON = [
    "\u00a0",
    "\ufeff",
    "\u200d",
    "👩‍👧",
    "İ",
    "ß",
    "٣",
    "²",
    "½",
    "１",
    "/",
    "{}",
    "%",
    "\n",
    "\r",
    "yes",
    "07700 900123",
    "AD1 2BC",
    "1e999",
]
WORDS = st.lists(st.one_of(st.sampled_from(COMMON), st.text(max_size=20)), max_size=15).map("".join)
YAML = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)), lambda of: st.lists(of, max_size=3), max_leaves=6
)
DATA = st.one_of(st.binary(max_size=200), WORDS.map(str.encode), YAML.map(lambda value: repr(value).encode()))
EXAMPLES = {"council_files": 15, "setting_texts": 15, "images": 30, "language": 40, "answers_to_questions": 25}


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_a_target_takes_anything(name: str) -> None:
    @settings(max_examples=EXAMPLES.get(name, 60), deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(DATA)
    def run(data: bytes) -> None:
        TARGETS[name](data)

    run()


@pytest.mark.parametrize(
    "seed", sorted(path for path in SEEDS.glob("*/*") if path.is_file()), ids=lambda path: f"{path.parent.name}-{path.name[:24]}"
)
def test_a_seed_breaks_nothing(seed: Path) -> None:
    TARGETS[seed.parent.name](seed.read_bytes())


def test_every_folder_of_seeds_has_its_target() -> None:
    assert {path.name for path in SEEDS.iterdir() if path.is_dir()} <= set(TARGETS)
