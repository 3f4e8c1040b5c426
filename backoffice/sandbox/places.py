"""Where postcodes of the pretend borough are, and how far two places are apart."""

from __future__ import annotations

import math
import re

Point = tuple[float, float]
POSTCODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})")
DISTRICTS: dict[str, Point] = {"AD1": (51.0505, 0.1010), "AD2": (51.0640, 0.1265), "AD3": (51.0335, 0.0930), "AD4": (51.0470, 0.0650)}
EARTH_METRES = 6_371_000


def postcode(text: str) -> str | None:
    """ "ad12bc" → "AD1 2BC"; None for what is not a full UK postcode."""
    found = POSTCODE.fullmatch(text.strip().upper())
    return f"{found[1]} {found[2]}" if found else None


def metres(one: Point, other: Point) -> float:
    """The distance of two (lat, long) pairs as the crow flies."""
    lat1, long1, lat2, long2 = (math.radians(degrees) for degrees in (*one, *other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((long2 - long1) / 2) ** 2
    return 2 * EARTH_METRES * math.asin(math.sqrt(half))
