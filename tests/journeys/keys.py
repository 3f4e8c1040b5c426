"""A citizen who has a keyboard and no mouse, and who looks where the focus is after every key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Page

LOOK = Path(__file__).with_name("focus.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Focus:
    """Where the focus is; `inside`: in the widget. `seen`, `shown`, `small`: how it is covered, not marked, too small; else empty."""

    name: str
    role: str
    lost: bool
    inside: bool
    seen: str
    shown: str
    small: str

    def wrong(self) -> list[str]:
        """What somebody who looks would complain of."""
        return (
            ["the focus is lost"]
            if self.lost
            else [f"{self.role} {self.name}: {why}" for why in (self.seen, self.shown, self.small) if why]
        )


class Keys:
    def __init__(self, page: Page) -> None:
        self.page = page

    async def focus(self) -> Focus:
        told: dict[str, Any] = await self.page.evaluate(LOOK)
        return Focus(**told)

    async def press(self, key: str) -> Focus:
        """The focus is somewhere, marked and not covered, after every key."""
        await self.page.keyboard.press(key)
        now = await self.focus()
        assert not now.wrong(), f"after {key}: {now.wrong()}"
        return now

    async def type(self, words: str) -> None:
        await self.page.keyboard.type(words)

    async def tab_to(self, name: str, *, back: bool = False, at_most: int = 40) -> Focus:
        """Press Tab until what has this name has the focus."""
        passed = []
        for _ in range(at_most):
            now = await self.press("Shift+Tab" if back else "Tab")
            if now.name == name:
                return now
            passed.append(now.name)
        raise AssertionError(f"{name} is not reached with the Tab key, only {passed}")

    async def round(self, key: str = "Tab", *, at_most: int = 80) -> list[Focus]:
        """Press Tab through everything, until the end of the page."""
        found: list[Focus] = []
        while len(found) < at_most:
            await self.page.keyboard.press(key)
            now = await self.focus()
            if now.lost:
                return found
            found.append(now)
        raise AssertionError(f"the focus never comes to the end: {[one.name for one in found]}")
