"""Pictures as phones take them: with the place, the time and a remark written into them."""

from __future__ import annotations

import io
from typing import Any

from PIL import ExifTags, Image

REMARK = "zyzzyva taken by Mo"


def photo(size: tuple[int, int] = (640, 480), kind: str = "JPEG", *, orientation: int = 1, **more: Any) -> bytes:
    """A picture whose left half is red and whose right half is blue, with EXIF that tells where it was taken."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Phonemaker"
    exif[ExifTags.Base.ImageDescription] = REMARK
    exif[ExifTags.Base.Orientation] = orientation
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (51.0, 7.0, 25.0), 3: "W", 4: (0.0, 12.0, 3.0)})
    out = io.BytesIO()
    image.save(out, kind, exif=exif, **({"comment": REMARK.encode()} if kind == "JPEG" else {}), **more)
    assert REMARK.encode() in out.getvalue()
    return out.getvalue()


def metadata_of(data: bytes) -> dict[str, Any]:
    """Everything that stands in a picture beside its pixels; what JPEG itself needs is left out."""
    with Image.open(io.BytesIO(data)) as opened:
        found = {name: value for name, value in opened.info.items() if not name.startswith("jfif")}
        return {**found, **{f"exif {tag}": value for tag, value in opened.getexif().items()}}
