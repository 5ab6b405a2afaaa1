"""What a picture's file says beside the picture: text, camera, place, day. It is read to be named, and left out.

Pillow reads the files. A PNG is written again from its pixels; a JPEG loses its parts with text and keeps its pixels.
"""

from __future__ import annotations

import re
import struct
import warnings
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import NamedTuple

from PIL import ExifTags, Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

MOST_PIXELS = 50_000_000
"""Pixels at most that a file is unpacked to, all frames together: a few bytes can promise billions."""

MOST_TEXT = 1_000_000
"""Bytes at most that are read of one entry beside a picture."""

LOOKS = {
    *("aspect", "background", "bbox", "blend", "chromaticity", "default_image", "disposal", "dpi", "duration", "gamma"),
    *("interlace", "loop", "srgb", "transparency"),
}
"""Entries of a PNG that say how its picture looks."""

PNG_END, JPEG_SCAN, JPEG_END = b"IEND\xaeB`\x82", b"\xff\xda", b"\xff\xd9"
JPEG_TEXT = re.compile(rb"\xff[\xe0-\xef\xfe]")


class StrippedImage(NamedTuple):
    """A picture without what its file said beside it; that as text, and whether it named the place it was taken at."""

    data: bytes
    texts: tuple[str, ...]
    placed: bool


def stripped(data: bytes) -> StrippedImage | None:
    """A PNG or JPEG with the picture alone; None for what is neither, or is broken or too large to vouch for."""
    try:
        with warnings.catch_warnings(action="error"), Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
            if image.width * image.height * getattr(image, "n_frames", 1) > MOST_PIXELS:
                return None
            image.load()
            bare, entries, rest = _jpeg(image, data) if isinstance(image, JpegImageFile) else _png(image, data)
            exif = image.getexif()
            texts = [f"{name}: {_text(value, exif)}" for name, value in entries]
            texts += [f"after the end: {_readable(rest)}"] if rest else []
            return StrippedImage(bare, tuple(texts), ExifTags.IFD.GPSInfo in exif)
    except Exception:  # whatever a hostile file does to the decoder, it is refused
        return None


def _png(image: Image.Image, data: bytes) -> tuple[bytes, Sequence[tuple[str, object]], bytes]:
    """A PNG from its pixels, the entries that are left out, and what followed its end."""
    assert isinstance(image, PngImageFile)
    entries = [(str(k), value) for k, value in image.info.items() if k not in LOOKS or isinstance(value, str)]
    entries += [(name.decode("latin-1"), body) for name, body, *_ in image.private_chunks]
    out = BytesIO()
    image.save(out, "PNG", save_all=image.is_animated, dpi=image.info.get("dpi"), icc_profile=None)
    return out.getvalue(), entries, data[data.index(PNG_END) + len(PNG_END) :]


def _jpeg(image: JpegImageFile, data: bytes) -> tuple[bytes, Sequence[tuple[str, object]], bytes]:
    """A JPEG without the parts that say something, these parts, and what followed its end."""
    entries = list(_speaking(image))
    for name, body in entries:
        code = 0xFE if name == "COM" else 0xE0 + int(name.removeprefix("APP"))
        data = data.replace(struct.pack(">BBH", 0xFF, code, len(body) + 2) + body, b"", 1)
    end = data.index(JPEG_END, data.index(JPEG_SCAN)) + len(JPEG_END)
    bare = data[:end]
    with Image.open(BytesIO(bare), formats=("JPEG",)) as again:
        again.load()
        if any(_speaking(again)) or JPEG_TEXT.search(bare, bare.index(JPEG_SCAN)):
            raise ValueError("a part with text is where none belongs")
    return bare, entries, data[end:]


def _speaking(image: Image.Image) -> Iterator[tuple[str, bytes]]:
    """The parts of a JPEG that say something: not Adobe's note on colors, nor a JFIF head without a second picture."""
    for name, body in getattr(image, "applist", ()):
        if name != "APP14" and not (name == "APP0" and body.startswith(b"JFIF\0") and len(body) == 14):
            yield name, body


def _text(value: object, exif: Image.Exif) -> str:
    """The text of an entry; of EXIF, the values in all its tables."""
    if not (isinstance(value, bytes) and value.startswith(b"Exif\0")):
        return _readable(value)
    tables = [exif, *(exif.get_ifd(table) for table in ExifTags.IFD)]
    return " ".join(_readable(text) for table in tables for text in table.values() if isinstance(text, str | bytes))


def _readable(raw: object) -> str:
    """The text in an entry, as far as there is any, in one byte a letter or in two."""
    text = raw[:MOST_TEXT].replace(b"\0", b"").decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    return "".join(sign if sign.isprintable() and sign != "\ufffd" else " " for sign in text).strip()
