"""The gate before a page leaves: nothing of a notebook that may tell who somebody is gets through unseen.

What can be stripped is stripped: metadata, saved controls, paths in tracebacks, what picture files say beside the picture.
The rest is refused, unless its kind is allowed by name. Cells and outputs are counted from 1.
"""

from __future__ import annotations

import base64
import binascii
import getpass
import os
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from ketacost.core.fields import KetacostError
from ketacost.privacy.identifiers import FoundIdentifier, check_text, kind, mask, refuse, removed, told
from ketacost.privacy.images import stripped

CELL_KEYS = ("cell_type", "source", "metadata", "outputs", "execution_count", "attachments", "id")
OUTPUT_KEYS = ("output_type", "data", "metadata", "name", "text", "ename", "evalue", "traceback", "execution_count")
CELL_METADATA = ("tags", "slideshow", "jupyter", "collapsed", "scrolled", "hide_input")
LOOKS = ("width", "height", "needs_background", "isolated", "unconfined")
"""What an output's metadata may say of how it looks."""

VIEW = "application/vnd.jupyter.widget-view+json"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
FULL_PATH = re.compile(r"(?<![\w.~%/:\\-])(?:file://)?(?:[A-Za-z]:)?(?:[\\/]{1,2}[\w.@+-]+)+[\\/]{1,2}(?=[\w.@+<-])")
DATA_URI = re.compile(r"data:([\w.+-]+/[\w.+-]+)((?:;[\w.+=-]+)*?)(;base64)?,([^\s\"'()<>\\]+)")
INLINE = {
    *("a", "abbr", "b", "code", "em", "font", "i", "kbd", "mark", "s", "small", "span", "strong"),
    "sub",
    "sup",
    "tspan",
    "u",
    "wbr",
}


class Search:
    """One walk: whose names to look for, what may stay, and what was found so far."""

    def __init__(self, people: tuple[str, ...], allow: tuple[str, ...], machine: tuple[str, ...]) -> None:
        self.people, self.allow, self.machine = people, allow, machine
        self.found: list[FoundIdentifier] = []

    def text(self, text: str, where: str, *, taken: bool = False) -> None:
        seen = check_text(text, where=where, people=self.people, allow=self.allow, machine=self.machine)
        self.found += map(removed, seen) if taken else seen

    def take(self, name: str, where: str, excerpt: str) -> None:
        self.found.append(removed(told(kind(name), where, excerpt)))

    def drop(self, table: dict[str, Any], kept: Sequence[str], where: str) -> None:
        """Take every entry but some out of a table of metadata, and tell."""
        for key in [key for key in table if key not in kept]:
            gone = table.pop(key)
            if gone not in ({}, [], "", None, False):
                who = any(word in key.lower() for word in ("author", "creator", "owner", "user"))
                self.take("widget_state" if key == "widgets" else "author" if who else "run_time", where, self.key(key))
                self.json({key: gone}, where, taken=True)

    def key(self, key: str) -> str:
        """The name of an entry of metadata, as it is where it names nobody."""
        plain = key.replace("_", "").replace(".", "").isalpha() and not check_text(
            key, people=self.people, machine=self.machine
        )
        return key[:40] if plain else mask(key)

    def cell(self, cell: dict[str, Any], where: str) -> None:
        self.drop(cell, CELL_KEYS, where)
        self.drop(cell.setdefault("metadata", {}), CELL_METADATA, f"{where}, metadata")
        cell["metadata"] = self.json(cell["metadata"], f"{where}, metadata")
        markdown = cell.get("cell_type") != "code"
        read = self.markup if markdown else self.plain
        cell["source"] = _like(
            cell.get("source", ""),
            read(_joined(cell.get("source", "")), f"{where}, text" if markdown else f"{where}, code"),
        )
        for number, (name, bundle) in enumerate((cell.get("attachments") or {}).items(), 1):
            place = f"{where}, attachment {number}"
            self.text(name, f"{place}, its name")
            for mime in list(bundle):
                bundle[mime] = self.mime(mime, bundle[mime], f"{place}, {mime}")
                if mime == "image/png":
                    self.found.append(told(kind("photo"), f"{place}, {mime}", "a pasted picture", self.allow))
        for number, output in enumerate(cell.get("outputs") or (), 1):
            self.output(output, f"{where}, output {number}")

    def output(self, output: dict[str, Any], where: str) -> None:
        self.drop(output, OUTPUT_KEYS, where)
        if "metadata" in output:
            kept = output["metadata"] = dict(output["metadata"])
            self.drop(kept, (*output.get("data", {}), *LOOKS), f"{where}, metadata")
            for mime in kept:
                if isinstance(kept[mime], dict):
                    self.drop(kept[mime], LOOKS, f"{where}, metadata")
        if output.get("data", {}).pop(VIEW, None) is not None:
            self.take("widget_state", f"{where}, {VIEW}", "a control's number")
        for mime, data in output.get("data", {}).items():
            output["data"][mime] = self.mime(mime, data, f"{where}, {mime}")
        if "text" in output:
            stream = str(output.get("name", "text"))
            text = (
                self.shortened(_joined(output["text"]), f"{where}, {stream}")
                if stream == "stderr"
                else _joined(output["text"])
            )
            output["text"] = _like(output["text"], self.plain(text, f"{where}, {stream}"))
        for key in ("ename", "evalue"):
            if key in output:
                output[key] = self.plain(self.shortened(str(output[key]), f"{where}, error"), f"{where}, error")
        if "traceback" in output:
            lines = [self.shortened(str(line), f"{where}, traceback") for line in output["traceback"]]
            self.text(ESCAPES.sub("", "\n".join(lines)), f"{where}, traceback")
            output["traceback"] = lines

    def mime(self, mime: str, data: Any, where: str) -> Any:
        top = mime.partition("/")[0]
        if mime in ("text/html", "image/svg+xml", "text/markdown"):
            return _like(data, self.markup(_joined(data), where))
        if mime.endswith("json"):
            return self.json(data, where)
        if top in ("image", "audio", "video") or mime in (
            "application/pdf",
            "application/octet-stream",
            "application/zip",
        ):
            return _like(data, self.packed(mime, _joined(data), where))
        return _like(data, self.plain(_joined(data), where))

    def plain(self, text: str, where: str) -> str:
        """A text, with the pictures inside it stripped. What is found in it is kept."""
        text, bare = self.uris(text, where)
        self.text(ESCAPES.sub("", bare), where)
        return text

    def markup(self, text: str, where: str) -> str:
        """The same of HTML, SVG or Markdown: as written, and as read with its tags and stars gone."""
        text, bare = self.uris(text, where)
        written = () if bare.lstrip()[:1] == "<" else (bare.replace("*", "").replace("`", ""),)
        for way in dict.fromkeys((*written, *readings(bare))):
            self.text(way, where)
        return text

    def json(self, data: Any, where: str, *, taken: bool = False) -> Any:
        """Plain data, with the pictures inside it stripped; each entry is read together with its name."""
        told: list[str] = []
        data = self.entries(data, "", where, told, taken)
        self.text("\n".join(told), where, taken=taken)
        return data

    def entries(self, data: Any, key: str, where: str, told: list[str], taken: bool) -> Any:
        if isinstance(data, dict):
            return {k: self.entries(v, str(k), where, told, taken) for k, v in data.items()}
        if isinstance(data, list):
            return [one if _is_amount(one) else self.entries(one, key, where, told, taken) for one in data]
        label = "" if key in ("", "name") else f"{key}: "
        if isinstance(data, str) and key != "bdata":
            data, bare = self.uris(data, where, taken=taken)
            told += [f"{label}{way}" for way in dict.fromkeys((bare, *(readings(bare) if "<" in bare else ())))]
        elif label and isinstance(data, int) and not isinstance(data, bool):
            told.append(f"{label}{data}")
        elif label:
            told.append(label)
        return data

    def uris(self, text: str, where: str, *, taken: bool = False) -> tuple[str, str]:
        """A text with the pictures in its data: addresses stripped, and the same without them, to be read."""
        if "data:" not in text:
            return text, text

        def clean(match: re.Match[str]) -> str:
            mime, more, packed, body = match.groups()
            if not packed:
                self.markup(unquote(body), f"{where}, {mime}")
                return match.group()
            if mime == "image/svg+xml" or mime.startswith("text/"):
                with suppress(binascii.Error, ValueError):
                    new = self.markup(base64.b64decode(body).decode("utf-8", "replace"), f"{where}, {mime}")
                    return f"data:{mime}{more};base64,{base64.b64encode(new.encode()).decode()}"
            if mime.startswith("font/") or taken:
                return match.group()
            return f"data:{mime}{more};base64,{self.packed(mime, body, f'{where}, {mime}')}"

        return DATA_URI.sub(clean, text), DATA_URI.sub(" ", text)

    def packed(self, mime: str, body: str, where: str) -> str:
        """Something in base64: a picture without what its file says beside it. What cannot be read is refused."""
        top = mime.partition("/")[0]
        picture = None
        with suppress(binascii.Error, ValueError):
            picture = stripped(base64.b64decode(unquote(body)))
        if picture and picture.said:
            self.take("image_metadata", where, ", ".join(mask(one) for one in picture.said[:3]))
            self.text("\n".join(picture.said), where, taken=True)
        if picture and picture.placed:
            self.take("photo_place", where, "EXIF GPS")
        if picture is None or mime != "image/png":
            name = {"image": "photo", "audio": "recording", "video": "recording"}.get(top, "attached_file")
            self.found.append(told(kind(name), where, mime, self.allow))
        return base64.b64encode(picture.data).decode() if picture and picture.said else body

    def shortened(self, text: str, where: str) -> str:
        """A traceback or warning with file names where full paths stood."""
        for path in FULL_PATH.findall(text):
            self.take("file_path", where, mask(path))
        return FULL_PATH.sub("", text)


class _Reader(HTMLParser):
    """What a reader sees of HTML, and what stands beside it: in attributes, comments and scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.joined: list[str] = []
        self.apart: list[str] = []
        self.beside: list[str] = []
        self.script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_endtag(tag)
        self.script = tag in ("script", "style")
        self.beside += [f"{name}: {value}" if name.startswith("data-") else value for name, value in attrs if value]

    def handle_endtag(self, tag: str) -> None:
        self.script = False
        self.joined.append("" if tag in INLINE else "\n")
        self.apart.append(" ")

    def handle_data(self, data: str) -> None:
        if self.script:
            self.beside.append(data)
            return
        self.joined.append(data)
        self.apart.append(data)

    def handle_comment(self, data: str) -> None:
        self.beside.append(data)

    def handle_pi(self, data: str) -> None:
        self.beside.append(data)

    def handle_decl(self, decl: str) -> None:
        self.beside.append(decl)

    def unknown_decl(self, data: str) -> None:
        self.beside.append(data)


def readings(text: str) -> Iterator[str]:
    """HTML as text, three ways: words joined as a reader sees them, cells side by side, and attributes with comments."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    yield "".join(reader.joined)
    yield "".join(reader.apart)
    yield "\n".join(reader.beside)


def _is_amount(one: Any) -> bool:
    """Whether an entry of a list is a number too short to name anybody."""
    return isinstance(one, float) or (
        isinstance(one, int | str) and re.fullmatch(r"[-+$]?[\d.,]{1,6}%?", str(one)) is not None
    )


def _joined(text: Any) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def _like(old: Any, new: str) -> Any:
    """A text in the form that it had: in lines, where it stood in lines."""
    if new == _joined(old):
        return old
    return new.splitlines(keepends=True) if isinstance(old, list) else new


NOTEBOOK_KEYS = ("cells", "metadata", "nbformat", "nbformat_minor")
PYTHON = {"display_name": "Python 3", "language": "python", "name": "python3"}
GENERIC = {
    *(
        "root",
        "user",
        "users",
        "admin",
        "administrator",
        "guest",
        "nobody",
        "default",
        "localhost",
        "localdomain",
        "home",
    ),
    *(
        "runner",
        "runneradmin",
        "jovyan",
        "ubuntu",
        "debian",
        "vscode",
        "codespace",
        "docker",
        "build",
        "builder",
        "work",
    ),
    *("computer", "desktop", "laptop", "macbook", "server", "python", "ketacost", "test", "you", "your name"),
}
"""Names of users and computers that name nobody; they are not looked for."""


class Gate(NamedTuple):
    """A notebook that went through the gate: cleaned, with everything that was found, and what of it is refused."""

    notebook: dict[str, Any]
    found: tuple[FoundIdentifier, ...]
    refused: tuple[FoundIdentifier, ...]


def gate(notebook: Mapping[str, Any], *, people: Sequence[str] = (), allow: Sequence[str] = (), name: str = "") -> Gate:
    """A copy of a notebook with everything stripped that can be, and what else in it may tell who somebody is.

    `people` are full names to look for, `allow` kinds that may stay, `name` the notebook's file name. Raises UnknownName for
    a kind that is not there, KetacostError for what is no notebook of format 4.
    """
    for one in allow:
        kind(one)
    book = deepcopy(dict(notebook))
    if not isinstance(book.get("cells"), list):
        raise KetacostError("this is not a notebook of format 4; open it in JupyterLab and save it again")
    look = Search(tuple(people), tuple(allow), machine_names())
    look.text(name, "file name")
    look.drop(book, NOTEBOOK_KEYS, "notebook")
    about = book["metadata"] = dict(book.get("metadata") or {})
    if about.get("kernelspec", PYTHON) != PYTHON:
        look.json(about["kernelspec"], "notebook metadata", taken=True)
    look.json(about.get("language_info", {}), "notebook metadata", taken=True)
    look.drop(about, ("kernelspec", "language_info", "title", "ketacost"), "notebook metadata")
    about.update({"kernelspec": dict(PYTHON), "language_info": {"name": "python"}})
    book["metadata"] = look.json(about, "notebook metadata")
    for number, cell in enumerate(book["cells"], 1):
        look.cell(cell, f"cell {number}")
        if "id" in cell:
            cell["id"] = f"cell-{number}"
    found = tuple(dict.fromkeys(look.found))
    return Gate(book, found, tuple(one for one in found if one.action == "refused"))


def cleaned(
    notebook: Mapping[str, Any], *, people: Sequence[str] = (), allow: Sequence[str] = (), name: str = ""
) -> Gate:
    """The same, where nothing is refused. Raises IdentifiersFound, which lists each place and the way out."""
    through = gate(notebook, people=people, allow=allow, name=name)
    refuse(through.refused)
    return through


def people_in(path: str | Path) -> tuple[str, ...]:
    """The names in a file, one a line; what follows a # is left out. Raises KetacostError where it cannot be read."""
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KetacostError(
            f"{Path(path).name} cannot be read as a list of names: give one name a line, in UTF-8"
        ) from error
    return tuple(dict.fromkeys(name for line in lines if (name := line.partition("#")[0].strip())))


def machine_names() -> tuple[str, ...]:
    """The names of this user and computer and of git's author here, looked up now; names that stand for nobody are left out."""
    found = [os.environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME", "HOSTNAME", "COMPUTERNAME", "EMAIL")]
    found += [os.environ.get(f"GIT_{who}_{what}", "") for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")]
    with suppress(OSError, KeyError, ImportError):
        found.append(getpass.getuser())
    with suppress(OSError):
        found += [socket.gethostname(), socket.gethostname().partition(".")[0]]
    with suppress(OSError, RuntimeError, UnicodeDecodeError):
        found.append(Path.home().name)
        settings = (Path.home() / ".gitconfig").read_text(encoding="utf-8")
        found += re.findall(r"^\s*(?:name|email)\s*=\s*\"?([^\"\n]+)", settings, re.MULTILINE)
    names = dict.fromkeys(name.strip() for name in found)
    return tuple(name for name in names if len(name) > 2 and name.lower() not in GENERIC and not name.isdigit())
