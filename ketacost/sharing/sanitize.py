"""What is untrusted becomes safe: an allow list for the HTML, SVG, Markdown, text and figures of a notebook.

A shared page is made from a notebook that may have come from anywhere. Nothing of it is ever run: what is on the list
stays, everything else goes, and what went is told.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from html import escape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import nh3

BLOCKS = {
    *("p", "div", "span", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "blockquote", "pre"),
    *("ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    *("colgroup", "col", "figure", "figcaption", "details", "summary", "img", "a", "header", "footer"),
    *("b", "strong", "i", "em", "u", "s", "del", "ins", "small", "sub", "sup", "mark", "abbr", "time", "wbr"),
    *("code", "kbd", "samp", "var", "tt", "q", "cite", "bdi"),
}
DRAWN = {
    *("svg", "g", "defs", "symbol", "use", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
    *("text", "tspan", "linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern", "marker"),
}
EVERYWHERE = {"class", "id", "style", "lang", "dir", "title", "role", "aria-label", "aria-hidden", "data-keep"}
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "th": {"scope", "colspan", "rowspan", "headers"},
    "td": {"colspan", "rowspan", "headers"},
    "col": {"span"},
    "ol": {"start", "reversed", "type"},
    "details": {"open"},
    "time": {"datetime"},
    "use": {"href"},
}
GRAPHIC = {
    *("viewBox", "xmlns", "width", "height", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "dx", "dy"),
    *("d", "points", "transform", "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity"),
    *("stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "opacity"),
    *("font-family", "font-size", "font-weight", "font-style", "text-anchor", "dominant-baseline", "clip-path", "mask"),
    *("clip-rule", "offset", "stop-color", "stop-opacity", "gradientUnits", "gradientTransform", "patternUnits"),
    *("patternTransform", "clipPathUnits", "maskUnits", "markerWidth", "markerHeight", "refX", "refY", "orient"),
    *(
        "marker-start",
        "marker-mid",
        "marker-end",
        "preserveAspectRatio",
        "spreadMethod",
        "textLength",
        "letter-spacing",
    ),
}
STYLES = {
    *("text-align", "vertical-align", "white-space", "color", "background", "background-color", "width", "min-width"),
    *("max-width", "height", "min-height", "max-height", "margin", "margin-left", "margin-right", "margin-top"),
    *("margin-bottom", "padding", "padding-left", "padding-right", "padding-top", "padding-bottom", "border"),
    *("border-top", "border-bottom", "border-left", "border-right", "border-color", "border-radius", "border-collapse"),
    *(
        "font-weight",
        "font-style",
        "font-size",
        "font-family",
        "font-variant-numeric",
        "text-decoration",
        "line-height",
    ),
    *("left", "top", "flex", "list-style-type", "fill", "stroke", "stroke-width", "stroke-opacity", "fill-opacity"),
    *("stroke-linecap", "stroke-linejoin", "stroke-dasharray", "stroke-miterlimit", "opacity", "clip-path", "mask"),
}
ROLES = {"img", "group", "note", "list", "listitem", "presentation", "table"}
WITH_THEIR_TEXT = {
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "noscript",
    "template",
    "noembed",
    "noframes",
    "title",
}
WITH_THEIR_TEXT |= {"math", "foreignObject", "select", "textarea", "xmp", "plaintext", "frameset", "applet"}

ATTACHED = "attachment-of-this-cell/"
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_STYLE_VALUE = re.compile(
    r"[#\w\s%.,+\-]*(?:(?:rgba?|hsla?|(?:repeating-)?linear-gradient)\([#\w\s%.,+\-]*\))?[#\w\s%.,+\-]*", re.ASCII
)
_INSIDE = re.compile(r"url\(\s*['\"]?#([\w.:-]+)['\"]?\s*\)")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]"
)
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
_TAG = re.compile(r"<[^<>]*>?")
_PLAIN_TAG = re.compile(r"</?(?:b|i|br|sub|sup|em|strong|u|s)\s*/?>", re.IGNORECASE)


def plain(text: str) -> str:
    """Text as it can be read: no colours of a terminal, nothing that turns or hides letters."""
    return _UNSEEN.sub("", _ANSI.sub("", text))


def shown(text: str) -> str:
    """Plain text, ready to stand in HTML."""
    return escape(plain(text))


def clean_html(text: str, place: str = "") -> str:
    """HTML with only what is on the list. `place` goes before its ids, so that two outputs never share one."""

    def keep(tag: str, name: str, value: str) -> str | None:
        return _kept(tag, name, value, place)

    graphic = {tag: GRAPHIC | ATTRIBUTES.get(tag, set()) for tag in DRAWN}
    cleaned = nh3.clean(
        _UNSEEN.sub("", text).replace("xlink:href", "href"),
        tags=BLOCKS | DRAWN,
        clean_content_tags=WITH_THEIR_TEXT,
        attributes={"*": EVERYWHERE, **ATTRIBUTES, **graphic},
        attribute_filter=keep,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )
    without = re.sub(r"<img(?![^>]*\ssrc=)[^>]*>", "", cleaned)
    return re.sub(r"<a(?![^>]*\shref=)[^>]*>(.*?)</a>", r"\1", without, flags=re.DOTALL)


def clean_svg(text: str) -> str:
    """A drawing as an SVG file that holds shapes and words and nothing else; empty where nothing is left of it."""
    inside = clean_html(text[text.find("<svg") :] if "<svg" in text else "").replace("&nbsp;", "&#160;")
    start, end = inside.find("<svg"), inside.rfind("</svg>")
    if start < 0 or end < 0:
        return ""
    drawing = inside[start : end + len("</svg>")]
    return (
        drawing
        if "xmlns=" in drawing.partition(">")[0]
        else drawing.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    )


def clean_image(kind: str, data: str) -> str:
    """A picture as a data address; empty where it is no picture that we know."""
    if kind == "image/svg+xml":
        drawing = clean_svg(data)
        return f"data:image/svg+xml;base64,{b64encode(drawing.encode()).decode()}" if drawing else ""
    packed = "".join(data.split())
    if kind not in PICTURES or not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", packed):
        return ""
    return f"data:{kind};base64,{packed}"


def clean_markdown(text: str, attachments: Mapping[str, Mapping[str, str]] | None = None, place: str = "") -> str:
    """Markdown as HTML, with the pictures that are attached to it: rendered first, then cleaned like any other."""
    import mistune

    found = {name: _attached(bundle) for name, bundle in (attachments or {}).items()}
    placed = re.sub(
        r"(\]\(\s*|src=[\"'])attachment:", rf"\1{ATTACHED}", text
    )  # the renderer refuses addresses it does not know
    rendered = str(mistune.create_markdown(escape=False, plugins=["table", "strikethrough", "url"])(placed))

    def put(match: re.Match[str]) -> str:
        return f'src="{found.get(unquote(match[1]), "")}"'

    return clean_html(re.sub(rf'src="{ATTACHED}([^"]*)"', put, rendered), place)


def clean_label(text: str) -> str:
    """A label of a figure: bold, italic and line breaks stay; links, pictures and styles go."""
    return _TAG.sub(
        lambda tag: tag[0] if _PLAIN_TAG.fullmatch(tag[0]) else "" if _starts_a_tag(tag[0]) else tag[0], plain(text)
    )


def clean_spec(spec: Any) -> Any:
    """A figure's data with every label cleaned, and no picture that would be fetched."""
    if isinstance(spec, Mapping):
        return {
            clean_label(str(name)): clean_spec(value) for name, value in spec.items() if not _fetches(str(name), value)
        }
    if isinstance(spec, list | tuple):
        return [clean_spec(value) for value in spec]
    return clean_label(spec) if isinstance(spec, str) else spec


def lost(text: str) -> tuple[str, ...]:
    """What of a piece of HTML does not stay, by name: tags such as script, attributes such as onclick, addresses."""
    scan = _Scan()
    scan.feed(text)
    scan.close()
    return tuple(dict.fromkeys(scan.lost))


class _Scan(HTMLParser):
    """Names what the list does not hold. It decides nothing: nh3 does."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name.lower() for name in BLOCKS | DRAWN}
        if tag not in known:
            self.lost.append(f"<{re.sub(r'[^a-z0-9-]', '', tag)}>")
        for name, value in attrs:
            if name.startswith("on"):
                self.lost.append(re.sub(r"[^a-z]", "", name))
            elif (
                name in ("href", "src", "action", "srcdoc", "formaction") and _kept(tag, name, value or "", "") is None
            ):
                self.lost.append(f"an address in {name}")


def _kept(tag: str, name: str, value: str, place: str) -> str | None:
    """An attribute as it may stay, or None."""
    value = plain(value)
    if name in ("href", "xlink:href"):
        if value == "#harmful-link":  # what the Markdown renderer leaves of an address it refuses
            return None
        if value.startswith("#"):
            return f"#{place}{value[1:]}"
        return value if tag == "a" and re.match(r"(https?://|mailto:)", value, re.IGNORECASE) else None
    if name == "src":
        return _picture(value) if tag == "img" else None
    if name in ("id", "headers"):
        return " ".join(f"{place}{one}" for one in value.split()) or None
    if name == "class":
        return (
            " ".join(
                one for one in value.split() if re.fullmatch(r"keta[\w-]*|tex2jax_ignore|mathjax_ignore|dataframe", one)
            )
            or None
        )
    if name == "style":
        return ";".join(_styles(value, place)) or None
    if name == "role":
        return value if value in ROLES else None
    if name in GRAPHIC and "(" in value:
        inside = _INSIDE.fullmatch(value.strip())
        safe = re.fullmatch(r"[\w\s().,%+\-]*", value) and "url" not in value.lower()
        return f"url(#{place}{inside[1]})" if inside else value if safe else None
    return value


def _styles(text: str, place: str) -> Iterator[str]:
    for one in text.split(";"):
        name, colon, value = (part.strip() for part in one.partition(":"))
        if not colon or name.lower() not in STYLES:
            continue
        if inside := _INSIDE.fullmatch(value):
            yield f"{name.lower()}:url(#{place}{inside[1]})"
        elif len(value) < 200 and _STYLE_VALUE.fullmatch(value):
            yield f"{name.lower()}:{value}"


def _picture(address: str) -> str | None:
    match = re.fullmatch(r"data:(image/[\w.+-]+)(?:;charset=[\w-]+)?(;base64)?,(.*)", address.strip(), re.DOTALL)
    if not match:
        return None
    kind, packed, data = match[1].lower(), match[2], match[3]
    if kind != "image/svg+xml":
        return clean_image(kind, unquote(data)) or None if packed else None
    try:
        drawing = b64decode(unquote(data)).decode() if packed else unquote(data)
    except ValueError:
        return None
    return clean_image(kind, drawing) or None


def _attached(bundle: Mapping[str, str]) -> str:
    return next((address for kind, data in bundle.items() if (address := clean_image(kind, "".join(data)))), "")


def _starts_a_tag(text: str) -> bool:
    return bool(re.match(r"</?[a-z!?]", text, re.IGNORECASE))


def _fetches(name: str, value: Any) -> bool:
    """Whether an entry of a figure names a picture, a map or a style that a browser would go and get."""
    key = name.lower()
    if "images" in key or key in ("source", "topojsonurl", "accesstoken", "sourceattribution", "plotlyserverurl"):
        return True
    return isinstance(value, str) and bool(
        re.match(r"\s*(javascript|vbscript|data|file):", plain(value), re.IGNORECASE)
    )
