"""What is untrusted becomes safe: an allow list for the HTML, SVG, Markdown, text and figures of a notebook.

A shared page is made from a notebook that may have come from anywhere. Nothing in it is ever run: what is on the list
stays, everything else goes, and what went is listed.
"""

from __future__ import annotations

import re
import tomllib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import unquote

import mistune
import nh3

from ketacost.core.fields import KetacostError
from ketacost.core.resources import asset
from ketacost.sharing.html import parsed

ALLOWED = tomllib.loads(asset("page_template/allowed.toml"))
BLOCKS = nh3.ALLOWED_TAGS - {*ALLOWED["without"]} | {*ALLOWED["tags"]}
DRAWN, GRAPHIC = {*ALLOWED["drawn"]}, {*ALLOWED["graphic"]}
KNOWN = {name.lower() for name in BLOCKS | DRAWN}
ATTRIBUTES = {tag: {*names} for tag, names in ALLOWED["attributes"].items()}
ATTRIBUTES |= {"*": {*ALLOWED["everywhere"]}, **{tag: GRAPHIC | ATTRIBUTES.get(tag, set()) for tag in DRAWN}}
ROLES = {tag: {"role": {*ALLOWED["roles"]}} for tag in BLOCKS | DRAWN}
WITH_THEIR_TEXT = nh3.CLEAN_CONTENT_TAGS | {*ALLOWED["with_their_text"]}

MARKDOWN = mistune.create_markdown(escape=False, plugins=["table", "strikethrough", "url"])
ATTACHED = "attachment-of-this-cell/"
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_OUR_CLASS = re.compile(r"keta[\w-]*|tex2jax_ignore|mathjax_ignore|dataframe")
_INSIDE = re.compile(r"url\(\s*['\"]?#([\w.:-]+)['\"]?\s*\)")
_FUNCTION = re.compile(
    r"(?<![\w-])(?:rgba?|hsla?|(?:repeating-)?linear-gradient|var|calc|translate|scale|rotate|matrix|skew[XY])\("
)
_ADDRESS = re.compile(r"\s*(javascript|vbscript|data|file):", re.IGNORECASE)
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_UNSEEN = re.compile(f"[{_CONTROLS}\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]")
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")


def plain(text: str) -> str:
    """Text as it can be read: no colors of a terminal, nothing that turns or hides letters."""
    return _UNSEEN.sub("", _ANSI.sub("", text))


def clean_html(text: str, place: str = "") -> str:
    """HTML with only what is on the list. `place` goes before its ids, so that two outputs never share one."""
    cleaned = nh3.clean(
        _UNSEEN.sub("", text).replace("xlink:href", "href"),
        tags=BLOCKS | DRAWN,
        clean_content_tags=WITH_THEIR_TEXT,
        attributes=ATTRIBUTES,
        tag_attribute_values=ROLES,
        attribute_filter=partial(_kept, place),
        filter_style_properties={*ALLOWED["styles"]},
        url_schemes={"http", "https", "mailto", "data"},
    )
    without = re.sub(r"<img(?![^>]*\ssrc=)[^>]*>", "", cleaned)
    return re.sub(r"<a(?![^>]*\shref=)[^>]*>(.*?)</a>", r"\1", without, flags=re.DOTALL)


def clean_svg(text: str) -> str:
    """A drawing as an SVG file that holds shapes and words and nothing else; empty where nothing is left of it."""
    inside = clean_html(text[text.find("<svg") :] if "<svg" in text else "").replace("&nbsp;", "&#160;")
    drawing = re.search(r"<svg\b.*</svg>", inside, re.DOTALL)
    if not drawing:
        return ""
    has_space = "xmlns=" in drawing[0].partition(">")[0]
    return drawing[0] if has_space else drawing[0].replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)


def clean_image(kind: str, data: str) -> str:
    """A picture as a data address; empty where it is no picture that we know."""
    if kind == "image/svg+xml":
        drawing = clean_svg(data)
        return f"data:{kind};base64,{b64encode(drawing.encode()).decode()}" if drawing else ""
    packed = "".join(data.split())
    known = kind in PICTURES and re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", packed)
    return f"data:{kind};base64,{packed}" if known else ""


def clean_markdown(text: str, attachments: Mapping[str, Mapping[str, str]] | None = None, place: str = "") -> str:
    """Markdown as HTML, with the pictures that are attached to it: rendered first, then cleaned like any other."""
    pictures = {name: _attached(bundle) for name, bundle in (attachments or {}).items()}
    # The renderer refuses addresses it does not know.
    placed = re.sub(r"(\]\(\s*|src=[\"'])attachment:", rf"\1{ATTACHED}", text)

    def put(match: re.Match[str]) -> str:
        return f'src="{pictures.get(unquote(match[1]), "")}"'

    return clean_html(re.sub(rf'src="{ATTACHED}([^"]*)"', put, str(MARKDOWN(placed))), place)


def clean_spec(spec: Any) -> Any:
    """A figure's data with every label cleaned, and no picture that would be fetched."""
    if isinstance(spec, Mapping):
        kept = ((name, value) for name, value in spec.items() if not _fetches(str(name), value))
        return {clean_label(str(name)): clean_spec(value) for name, value in kept}
    if isinstance(spec, list | tuple):
        return [clean_spec(value) for value in spec]
    return clean_label(spec) if isinstance(spec, str) else spec


def clean_label(text: str) -> str:
    """A label of a figure: bold, italic and line breaks stay; links, pictures and styles go."""
    return nh3.clean(plain(text), tags={*ALLOWED["label"]}, attributes={}, clean_content_tags=WITH_THEIR_TEXT)


def lost(text: str) -> tuple[str, ...]:
    """The tags, attributes and addresses of HTML that do not stay, by name. It decides nothing: `clean_html` does."""
    try:
        tags = parsed(text).find_all(True)
    except KetacostError:
        return ("HTML that cannot be read",)
    names = {}
    for tag in tags:
        if tag.name not in KNOWN:
            names[f"<{re.sub(r'[^a-z0-9-]', '', tag.name)}>"] = True
        for name, value in tag.attrs.items():
            if name.startswith("on"):
                names[re.sub(r"[^a-z]", "", name)] = True
            elif name in ("action", "srcdoc", "formaction") or (
                name in ("href", "src") and _kept("", tag.name, name, str(value)) is None
            ):
                names[f"an address in {name}"] = True
    return tuple(names)


def _kept(place: str, tag: str, name: str, value: str) -> str | None:
    """An attribute as it may stay, or None."""
    value = plain(value)
    if name == "href":
        if value.startswith("#"):  # mistune leaves #harmful-link of an address that it refuses
            return None if value == "#harmful-link" else f"#{place}{value[1:]}"
        return value if tag == "a" and re.match(r"(https?://|mailto:)", value, re.IGNORECASE) else None
    if name == "src":
        return _picture(value) if tag == "img" else None
    if name in ("id", "headers"):
        return " ".join(f"{place}{name}" for name in value.split()) or None
    if name == "class":
        return " ".join(name for name in value.split() if _OUR_CLASS.fullmatch(name)) or None
    if name == "style" or name in GRAPHIC:
        return _paint(value, place)
    return value


def _paint(value: str, place: str) -> str | None:
    """A style or a shape as it may stay: colors, lengths and what is in the same drawing; None for what could fetch."""
    rest = _FUNCTION.sub("", _INSIDE.sub("", value))
    return None if re.search(r"[(\\]", rest) else _INSIDE.sub(rf"url(#{place}\1)", value)


def _picture(address: str) -> str | None:
    match = re.fullmatch(r"data:(image/[\w.+-]+)(?:;charset=[\w-]+)?(;base64)?,(.*)", address.strip(), re.DOTALL)
    if not match:
        return None
    kind, packed, data = match[1].lower(), match[2], unquote(match[3])
    if kind != "image/svg+xml":
        return clean_image(kind, data) or None if packed else None
    try:
        return clean_image(kind, b64decode(data).decode() if packed else data) or None
    except ValueError:
        return None


def _attached(bundle: Mapping[str, str]) -> str:
    return next((address for kind, data in bundle.items() if (address := clean_image(kind, "".join(data)))), "")


def _fetches(name: str, value: Any) -> bool:
    """Whether an entry of a figure names a picture, a map or a style that a browser would go and get."""
    key = name.lower()
    if "images" in key or key in ("source", "topojsonurl", "accesstoken", "sourceattribution", "plotlyserverurl"):
        return True
    return isinstance(value, str) and bool(_ADDRESS.match(plain(value)))
