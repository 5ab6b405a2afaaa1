"""What a picture's file says beside the picture: text, camera, place, day. It is read to be told, and left out.

PNG and JPEG are taken apart by their own marks; the picture itself stays as it is, bit for bit.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
PNG_KEPT = b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB sBIT bKGD pHYs acTL fcTL fdAT".split()
"""The chunks that say how a picture looks; everything else goes."""

MOST_TEXT = 1_000_000
"""Bytes at most that a packed text in a picture is unpacked to."""

GPS, LEADS_ON = 0x8825, (0x8825, 0x8769, 0xA005)
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}


class StrippedImage(NamedTuple):
    """A picture without what its file said beside it; that as text, and whether it named the place it was taken at."""

    data: bytes
    said: tuple[str, ...]
    placed: bool


def stripped(data: bytes) -> StrippedImage | None:
    """A PNG or JPEG with the picture alone; None for what is neither, or is broken, and cannot be vouched for."""
    try:
        if data.startswith(PNG):
            return _png(data)
        if data.startswith(JPEG):
            return _jpeg(data)
    except (IndexError, struct.error, zlib.error, ValueError):
        return None
    return None


def _png(data: bytes) -> StrippedImage:
    kept, said, placed, at, name = [PNG], list[str](), False, len(PNG), b""
    while name != b"IEND":
        size, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + size
        if end > len(data):
            raise ValueError("a chunk reaches past the end")
        body = data[at + 8 : end - 4]
        if name in PNG_KEPT:
            kept.append(data[at:end])
        else:
            said.append(f"{name.decode('latin-1')} {_png_text(name, body)}".strip())
            placed = placed or (name == b"eXIf" and GPS in dict(_exif(body)))
        at = end
    return StrippedImage(b"".join(kept), (*said, *_after(data[at:])), placed)


def _png_text(name: bytes, body: bytes) -> str:
    key, _, rest = body.partition(b"\0")
    if name == b"tEXt":
        return f"{key.decode('latin-1')}: {rest.decode('latin-1')}"
    if name == b"zTXt":
        return f"{key.decode('latin-1')}: {_unpacked(rest[1:]).decode('latin-1')}"
    if name == b"iTXt":
        packed, text = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[2]
        return f"{key.decode('latin-1')}: {(_unpacked(text) if packed else text).decode('utf-8', 'replace')}"
    if name == b"eXIf":
        return _exif_text(body)
    return _readable(body)


def _jpeg(data: bytes) -> StrippedImage:
    kept, said, placed, at = [JPEG], list[str](), False, 2
    while True:
        while data[at : at + 2] == b"\xff\xff":
            at += 1
        if data[at] != 0xFF:
            raise ValueError("no mark where one should be")
        mark = data[at + 1]
        if mark == 0xD9:
            break
        (size,) = struct.unpack_from(">H", data, at + 2)
        end = at + 2 + size
        if end > len(data) or size < 2:
            raise ValueError("a part reaches past the end")
        body = data[at + 4 : end]
        if mark == 0xE0 and body.startswith(b"JFIF\0"):
            kept.append(b"\xff\xe0\x00\x10" + body[:12] + b"\0\0")
            said += ["a small second picture"] if body[14:] else []
        elif mark == 0xFE or (0xE0 <= mark <= 0xEF and mark != 0xEE):
            exif = body[6:] if body.startswith(b"Exif\0\0") else None
            placed = placed or (exif is not None and GPS in dict(_exif(exif)))
            said.append(f"{_readable(body[:5])} {_readable(body) if exif is None else _exif_text(exif)}".strip())
        else:
            kept.append(data[at:end])
        at = end
        if mark == 0xDA:
            at = _scan_end(data, end)
            kept.append(data[end:at])
    return StrippedImage(b"".join([*kept, data[at : at + 2]]), (*said, *_after(data[at + 2 :])), placed)


def _scan_end(data: bytes, at: int) -> int:
    """Where the picture's own bits end: at the next mark that is neither a filled-in byte nor a restart."""
    while True:
        at = data.index(b"\xff", at)
        if data[at + 1] not in (0x00, *range(0xD0, 0xD8)):
            return at
        at += 2


def _exif(tiff: bytes) -> Iterator[tuple[int, str]]:
    """The entries of EXIF's first table and of the tables that it leads to: tag and text."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return
    todo, seen = [struct.unpack_from(order + "I", tiff, 4)[0]], set[int]()
    while todo:
        table = todo.pop()
        if table in seen or table + 2 > len(tiff):
            continue
        seen.add(table)
        for number in range(struct.unpack_from(order + "H", tiff, table)[0]):
            at = table + 2 + 12 * number
            tag, form, count, value = struct.unpack_from(order + "HHII", tiff, at)
            if tag in LEADS_ON:
                todo.append(value)
            size = SIZES.get(form, 1) * count
            place = at + 8 if size <= 4 else value
            yield tag, _readable(tiff[place : place + size]) if form in (2, 7) else ""


def _exif_text(tiff: bytes) -> str:
    return " ".join(text for _, text in _exif(tiff) if text)


def _after(rest: bytes) -> tuple[str, ...]:
    return (f"after the end: {_readable(rest)}",) if rest else ()


def _readable(raw: bytes) -> str:
    """The text in some bytes, as far as there is any, in one byte a letter or in two."""
    text = raw[:MOST_TEXT].replace(b"\0", b"").decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() and sign != "\ufffd" else " " for sign in text).strip()


def _unpacked(packed: bytes) -> bytes:
    return zlib.decompressobj().decompress(packed, MOST_TEXT)
