"""What a screen reader says: a model of live regions and of the focus (WAI-ARIA 1.2), and Chromium's own accessibility tree."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Page

LISTENER = Path(__file__).with_name("listener.js")


async def listen(page: Page) -> None:
    """From the next document on."""
    await page.add_init_script(path=LISTENER)


async def heard(page: Page, how: str | None = None) -> list[str]:
    """What was said so far on this document: by live regions ("live"), by the focus ("focus"), or both."""
    said: list[dict[str, str]] = await page.evaluate("window.heard")
    return [one["text"] for one in said if how in (None, one["how"])]


@dataclass(frozen=True)
class Node:
    """What assistive technology is told about one thing on the page. `within` names the things around it, the nearest first."""

    role: str
    name: str
    description: str
    states: dict[str, Any]
    within: tuple[str, ...]
    id: str


async def accessibility_tree(page: Page) -> list[Node]:
    """Everything in Chromium's accessibility tree that is not passed over, in reading order."""
    session = await page.context.new_cdp_session(page)
    nodes = {one["nodeId"]: one for one in (await session.send("Accessibility.getFullAXTree"))["nodes"]}
    await session.detach()
    tree: list[Node] = []

    def walk(id: str, within: tuple[str, ...]) -> None:
        one = nodes[id]
        role, name = one.get("role", {}).get("value", ""), one.get("name", {}).get("value", "")
        if not one["ignored"]:
            states = {state["name"]: state["value"].get("value") for state in one.get("properties", ())}
            tree.append(Node(role, name, one.get("description", {}).get("value", ""), states, within, id))
            within = (f"{role} {name}".strip(), *within)
        for child in one.get("childIds", ()):
            if child in nodes:
                walk(child, within)

    walk(next(id for id, one in nodes.items() if "parentId" not in one), ())
    return tree


def only(tree: list[Node], role: str, name: str | None = None) -> Node:
    """The one thing with this role and name."""
    found = [node for node in tree if node.role == role and name in (None, node.name)]
    assert len(found) == 1, f"{role} {name}: {[(node.role, node.name) for node in found or tree]}"
    return found[0]
