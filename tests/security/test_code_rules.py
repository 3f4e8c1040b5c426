"""Ways of reading that run what they read stand nowhere in our code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("hearback", "channels", "console", "backoffice", "engagement", "bot")
FORBIDDEN = {
    "pickle.load", "pickle.loads", "marshal.loads", "shelve.open", "joblib.load", "dill.loads", "yaml.load", "yaml.unsafe_load",
    "yaml.full_load",
    "os.system", "os.popen", "eval", "exec", "tempfile.mktemp", "torch.load", "jinja2.Markup", "markupsafe.Markup", "Markup",
    "hashlib.md5", "random.choice", "random.randint", "random.getrandbits", "ssl._create_unverified_context", "shutil.unpack_archive",
}  # fmt: skip
# Random numbers that protect nothing: made-up citizens and days of the sandbox and of measurements.
# Squares of black and white that segno draws; no words are in it.
PICTURE_OF_OURS = ("{{ picture | safe }}", "")
NOT_FOR_SECRETS = ("hearback/bench/", "backoffice/sandbox/", "bot/nlu/")


def files() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_that_is_read_is_run(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    for called, node in calls(path):
        allowed = called.startswith("random.") and name.startswith(NOT_FOR_SECRETS)
        assert called not in FORBIDDEN or allowed, f"{name}:{node.lineno} calls {called}"
        given = {word.arg: word.value for word in node.keywords if word.arg}
        shell = given.get("shell")
        assert shell is None or (isinstance(shell, ast.Constant) and shell.value is False), f"{name}:{node.lineno} uses a shell"
        verify = given.get("ssl") or given.get("verify")
        assert not (isinstance(verify, ast.Constant) and verify.value is False), f"{name}:{node.lineno} trusts any certificate"
        if called.endswith((".extractall", ".extract")):
            filtered = given.get("filter")
            assert isinstance(filtered, ast.Constant) and filtered.value == "data", f"{name}:{node.lineno} unpacks whatever there is"


def test_no_template_marks_words_as_safe() -> None:
    templates = [*ROOT.glob("channels/templates/**/*"), *ROOT.glob("console/templates/**/*"), *ROOT.glob("backoffice/**/*.html")]
    found = [path for path in templates if path.is_file()]
    assert len(found) > 30
    for path in found:
        text = path.read_text(encoding="utf-8").replace(*PICTURE_OF_OURS)
        assert "|safe" not in text.replace(" ", "") and "autoescape false" not in text, path


def test_no_script_of_ours_makes_markup_of_words() -> None:
    scripts = [*ROOT.glob("channels/widget/**/*.js"), *ROOT.glob("console/scripts/**/*.*js")]
    assert len(scripts) > 8
    for path in scripts:
        text = path.read_text(encoding="utf-8")
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
            assert way not in text, (path, way)


def test_arrays_are_read_without_pickle() -> None:
    loads = [(path, node) for path in files() for called, node in calls(path) if called in ("np.load", "numpy.load")]
    assert len(loads) >= 3
    for path, node in loads:
        given = {word.arg: ast.unparse(word.value) for word in node.keywords}
        assert given.get("allow_pickle") == "False", f"{path}:{node.lineno}"
