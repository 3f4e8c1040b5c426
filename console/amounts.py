"""Numbers as staff read them: pounds, shares, days."""

from __future__ import annotations


def pounds(pence: float | None) -> str:
    """Pence of the log as pounds; below a pound as pence."""
    if pence is None:
        return ""
    return f"£{pence / 100:,.2f}" if abs(pence) >= 100 else f"{pence:.1f}p".replace(".0p", "p")


def counted(number: float) -> str:
    return f"{number:,.2f}".rstrip("0").rstrip(".")


def amount(value: float | None, unit: str) -> str:
    """A measure's value in its unit; empty where there is none."""
    if value is None:
        return ""
    if unit == "share":
        return f"{value * 100:.1f}%"
    return pounds(value) if unit == "pence" else f"{counted(value)} days"
