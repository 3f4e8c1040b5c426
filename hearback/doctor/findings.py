"""What a look finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`says` is what is fine, or what to do."""

    fine: bool
    says: str = "fine"


FINE = Finding(True)


def fine(says: str) -> Finding:
    return Finding(True, f"fine: {says}")


def wrong(says: str) -> Finding:
    return Finding(False, says)
