"""Alert rules speak of numbers that there are, and the document says of each number what it is."""

import re
from pathlib import Path

import yaml

from hearback import metrics

ROOT = Path(__file__).parents[2]
RULES = yaml.safe_load((ROOT / "deploy" / "prometheus-rules.yaml").read_text(encoding="utf-8"))
DOCUMENT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_every_rule_speaks_of_numbers_that_there_are() -> None:
    rules = [rule for group in RULES["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules) > 5
    for rule in rules:
        named = set(re.findall(r"\bhearback_\w+", rule["expr"]))
        assert named <= metrics.names(), rule["alert"]
        assert named or rule["expr"].startswith("up{"), rule["alert"]
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"} and set(rule["annotations"]) == {"summary", "do"}
        assert set(re.findall(r"\bstage=\"(\w+)\"", rule["expr"])) <= set(metrics.STAGES)


def test_the_document_names_every_number_and_no_other() -> None:
    table = set(re.findall(r"^\| `(hearback_\w+)` \|", DOCUMENT, re.MULTILINE))
    ours = {name for name in metrics.names() if name.startswith("hearback_")}
    plain = {re.sub(r"_(bucket|count|sum)$", "", name) for name in ours if "seconds" in name} | {n for n in ours if "seconds" not in n}
    assert table == plain
