"""The picture of a training: each figure before and after, and the line that it may not cross."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

ROW, LEFT, WIDE, TOP = 30, 250, 520, 46
BEFORE, AFTER, WORSE, LINE = "#b1b4b6", "#12436d", "#d4351c", "#0b0c0c"


def draw(before: Mapping[str, float], after: Mapping[str, float], names: Mapping[str, str], failed: frozenset[str] = frozenset()) -> str:
    """SVG: two bars a figure, those that a gate refused in red; `names` says what each figure is called."""
    shown = [name for name in after if name in names]
    height = TOP + ROW * len(shown) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDE + 90} {height}" '
        'font-family="Arial, sans-serif" font-size="15">',
        f'<rect width="{LEFT + WIDE + 90}" height="{height}" fill="#ffffff"/>',
        _key(LEFT, BEFORE, names.get("before", "before")),
        _key(LEFT + 160, AFTER, names.get("after", "after")),
    ]
    for at, name in enumerate(shown):
        top, was, now = TOP + at * ROW, before.get(name, 0.0), after[name]
        colour = WORSE if name in failed else AFTER
        parts += [
            f'<text x="{LEFT - 10}" y="{top + 17}" text-anchor="end" fill="{LINE}">{escape(names[name])}</text>',
            f'<rect x="{LEFT}" y="{top + 2}" width="{was * WIDE:.1f}" height="9" fill="{BEFORE}"/>',
            f'<rect x="{LEFT}" y="{top + 12}" width="{now * WIDE:.1f}" height="9" fill="{colour}"/>',
            f'<text x="{LEFT + WIDE + 8}" y="{top + 17}" fill="{colour}">{now * 100:.1f}%</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _key(left: float, colour: str, word: str) -> str:
    return (
        f'<rect x="{left}" y="16" width="22" height="10" fill="{colour}"/><text x="{left + 30}" y="26" fill="{LINE}">{escape(word)}</text>'
    )
