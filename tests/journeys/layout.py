"""What is wrong with how a page stands on the screen."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

LAYOUT = Path(__file__).with_name("layout.js").read_text(encoding="utf-8")
# WCAG 1.4.12; on the page and in the widget's own tree.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-bottom: 2em !important }
  `);
  for (const tree of [document, document.querySelector("hearback-chat")?.shadowRoot]) {
    if (tree) tree.adoptedStyleSheets = [...tree.adoptedStyleSheets, sheet];
  }
}"""
WITHOUT_EDGE = """() => [...document.querySelector("hearback-chat").shadowRoot.querySelectorAll("button, input, textarea, .bubble, .panel")]
  .filter((one) => one.checkVisibility() && !one.matches(".tool, .link, .menu li button"))
  .filter((one) => !one.matches("[type=radio]"))
  .map((one) => [one, getComputedStyle(one)])
  .filter(([, style]) => parseFloat(style.borderTopWidth) < 1 || style.borderTopStyle === "none")
  .map(([one]) => one.outerHTML.slice(0, 80))"""


async def wrong_in_layout(page: Page) -> list[str]:
    """What sticks out to the side, and words that are cut off."""
    return list(await page.evaluate(LAYOUT))


async def without_edge(page: Page) -> list[str]:
    """What of the widget can be pressed, or is a message, and is told apart by its background only: forced colours take that away."""
    return list(await page.evaluate(WITHOUT_EDGE))
