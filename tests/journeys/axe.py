"""axe-core, the usual checker of accessibility, on a page as it is now."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.async_api import Page
from stack import ROOT

SOURCE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HOW = {
    "runOnly": {"type": "tag", "values": TAGS},
    "resultTypes": ["violations"],
    # GOV.UK's back link stands before the main landmark: https://design-system.service.gov.uk/components/back-link/
    "rules": {"region": {"enabled": False}},
}


@cache
def source() -> str:
    return SOURCE.read_text(encoding="utf-8")


async def found_by_axe(page: Page) -> list[str]:
    """What is wrong, each as "rule: element: why". Evaluated by the browser's tools, so that the page keeps its Content-Security-Policy."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(f"{source()}; 0")
    result: dict[str, Any] = await page.evaluate("how => axe.run(document, how)", HOW)
    return [
        f"{violation['id']}: {node['html'][:160]}: {node['failureSummary']}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
