"""Rasa's own checks of the dialogue: its validator, and stories for every rule."""

import os
import subprocess
import sys
from pathlib import Path

import yaml

from hearback.training import current, train

ROOT = Path(__file__).parents[2]
STORIES = ROOT / "tests" / "stories"


def rasa(*words: str) -> str:
    """What a `rasa` command prints; it must end well."""
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TQDM_DISABLE": "1", "NO_COLOR": "1"}
    done = subprocess.run([sys.executable, "-m", "rasa", *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout + done.stderr


def test_the_data_is_valid() -> None:
    """Rasa also warns of each response that no rule names; ours are said by actions, which tests/wiring/test_names.py checks."""
    lines = rasa("data", "validate").splitlines()
    warned = [line for line in lines if "UserWarning" in line and "is not used in any story or rule" not in line and "rasa/" in line]
    assert [line for line in warned if "Slot auto-fill" not in line] == []
    assert any("No story structure conflicts found" in line for line in lines)


def test_every_rule_has_a_story_and_is_followed(tmp_path: Path) -> None:
    rules = [one for path in (ROOT / "data" / "rules").glob("*.yml") for one in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]]
    begun = {step["intent"] for rule in rules for step in rule["steps"] if "intent" in step}
    told = [one for path in STORIES.glob("*.yml") for one in yaml.safe_load(path.read_text(encoding="utf-8"))["stories"]]
    assert begun <= {step["intent"] for story in told for step in story["steps"] if "intent" in step}
    assert current() or train() == 0
    rasa("test", "core", "--stories", str(STORIES), "--model", str(current()), "--out", str(tmp_path), "--fail-on-prediction-errors")
