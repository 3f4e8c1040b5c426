"""Numbers as staff read them: pounds, shares, days."""

from __future__ import annotations

from datetime import datetime


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
    if unit == "mean":
        return f"{value:.2f}"
    return pounds(value) if unit == "pence" else f"{counted(value)} days"


def interval(low: float, high: float, unit: str) -> str:
    return f"{amount(low, unit)} to {amount(high, unit)}"


def difference(by: float, unit: str) -> str:
    """How far two values of a unit lie apart, without its direction; shares in percentage points."""
    return f"{abs(by) * 100:.1f} points" if unit == "share" else amount(abs(by), unit)


def month(name: str) -> str:
    """2026-11 as November 2026; anything else as it is."""
    try:
        return f"{datetime.strptime(name, '%Y-%m'):%B %Y}"
    except ValueError:
        return name
