"""The gate before a page leaves: nothing of a notebook that may tell who somebody is gets through unseen.

What can be stripped is stripped: metadata, saved controls, paths in tracebacks, what picture files say beside the
picture. The rest is refused, unless its kind is allowed by name. Cells and outputs are counted from 1.
"""

from __future__ import annotations

import base64
import binascii
import getpass
import os
import re
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from bs4 import BeautifulSoup
from bs4.element import PreformattedString
from bs4.exceptions import ParserRejectedMarkup

from ketacost.core.fields import KetacostError
from ketacost.core.untrusted import bytes_in
from ketacost.privacy.identifiers import (
    FoundIdentifier,
    Names,
    check_text,
    kind,
    labelled,
    mask,
    refuse,
    removed,
    reported,
)
from ketacost.privacy.images import stripped

NOTEBOOK_KEYS = ("cells", "metadata", "nbformat", "nbformat_minor")
NOTEBOOK_METADATA = ("kernelspec", "language_info", "title", "ketacost")
CELL_KEYS = ("cell_type", "source", "metadata", "outputs", "execution_count", "attachments", "id")
CELL_METADATA = ("tags", "slideshow", "jupyter", "collapsed", "scrolled", "hide_input")
OUTPUT_KEYS = ("output_type", "data", "metadata", "name", "text", "ename", "evalue", "traceback", "execution_count")
LOOKS = ("width", "height", "needs_background", "isolated", "unconfined")
"""What an output's metadata may say of how it looks."""

PYTHON = {"display_name": "Python 3", "language": "python", "name": "python3"}
VIEW = "application/vnd.jupyter.widget-view+json"
MARKUP = ("text/html", "image/svg+xml", "text/markdown")
BINARY = re.compile(r"(image|audio|video)/.*|application/(pdf|octet-stream|zip)")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
FULL_PATH = re.compile(r"(?<![\w.~%/:\\-])(?:file://)?(?:[A-Za-z]:)?(?:[\\/]{1,2}[\w.@+-]+)+[\\/]{1,2}(?=[\w.@+<-])")
DATA_URI = re.compile(r"data:([\w.+-]+/[\w.+-]+)((?:;[\w.+=-]+)*?)(;base64)?,([^\s\"'()<>\\]+)")
MOST_INSIDE = 4
"""How deep one address of data may be nested in another."""

SHORT_NUMBER = re.compile(r"[-+$]?[\d.,]{1,6}%?")
INLINE = {
    *("a", "abbr", "b", "code", "em", "font", "i", "kbd", "mark", "s", "small", "span", "strong", "sub", "sup"),
    *("tspan", "u", "wbr"),
}
GENERIC = {
    *("root", "user", "users", "admin", "administrator", "guest", "nobody", "default", "localhost", "localdomain"),
    *("home", "runner", "runneradmin", "jovyan", "ubuntu", "debian", "vscode", "codespace", "docker", "build"),
    *("builder", "work", "computer", "desktop", "laptop", "macbook", "server", "python", "ketacost", "test", "you"),
    "your name",
}
"""Names of users and computers that name nobody; they are not looked for."""


class Gate(NamedTuple):
    """A notebook that went through the gate: cleaned, with everything that was found, and what of it is refused."""

    notebook: dict[str, Any]
    identifiers: tuple[FoundIdentifier, ...]
    refused: tuple[FoundIdentifier, ...]


def gate(notebook: Mapping[str, Any], *, people: Names = (), allow: Names = (), name: str = "") -> Gate:
    """A copy of a notebook with everything stripped that can be, and what else in it may tell who somebody is.

    `people` are full names to look for, `allow` kinds that may stay, `name` the notebook's file name. Raises
    UnknownName for a kind that is not there, KetacostError for what is not a notebook of format 4.
    """
    book = deepcopy(dict(notebook))
    if not isinstance(book.get("cells"), list):
        raise KetacostError("this is not a notebook of format 4; open it in JupyterLab and save it again")
    search = Search(tuple(people), tuple(allow), machine_names())
    search.text(name, "file name")
    search.drop(book, NOTEBOOK_KEYS, "notebook")
    about = dict(book.get("metadata") or {})
    if about.get("kernelspec", PYTHON) != PYTHON:
        search.json(about["kernelspec"], "notebook metadata", gone=True)
    search.json(about.get("language_info", {}), "notebook metadata", gone=True)
    search.drop(about, NOTEBOOK_METADATA, "notebook metadata")
    about |= {"kernelspec": dict(PYTHON), "language_info": {"name": "python"}}
    book["metadata"] = search.json(about, "notebook metadata")
    for number, cell in enumerate(book["cells"], 1):
        search.cell(cell, f"cell {number}")
        if "id" in cell:
            cell["id"] = f"cell-{number}"
    identifiers = tuple(dict.fromkeys(search.identifiers))
    return Gate(book, identifiers, tuple(identifier for identifier in identifiers if identifier.action == "refused"))


def cleaned(notebook: Mapping[str, Any], *, people: Names = (), allow: Names = (), name: str = "") -> Gate:
    """The same, where nothing is refused. Raises IdentifiersFound, which lists each place and what to do."""
    through = gate(notebook, people=people, allow=allow, name=name)
    refuse(through.refused)
    return through


class Search:
    """One walk: whose names to look for, what may stay, and what was found so far."""

    def __init__(self, people: tuple[str, ...], allow: tuple[str, ...], machine: tuple[str, ...]) -> None:
        self.people, self.allow, self.machine = people, allow, machine
        self.identifiers: list[FoundIdentifier] = []

    def text(self, text: str, where: str, *, gone: bool = False) -> None:
        """Read a text; `gone` says that it was already taken out."""
        identifiers = check_text(text, where=where, people=self.people, allow=self.allow, machine=self.machine)
        self.identifiers += map(removed, identifiers) if gone else identifiers

    def take(self, name: str, where: str, excerpt: str) -> None:
        """Note that something of a kind was taken out."""
        self.identifiers.append(removed(reported(kind(name), where, excerpt)))

    def drop(self, table: dict[str, Any], kept: Sequence[str], where: str) -> None:
        """Take every entry but some out of a table of metadata, and note it."""
        for key in [key for key in table if key not in kept]:
            value = table.pop(key)
            if value not in ({}, [], "", None, False):
                who = any(word in key.lower() for word in ("author", "creator", "owner", "user"))
                name = "widget_state" if key == "widgets" else "author" if who else "run_time"
                self.take(name, where, self.key(key))
                self.json({key: value}, where, gone=True)

    def key(self, key: str) -> str:
        """The name of an entry of metadata, as it is where it names nobody."""
        is_word = key.replace("_", "").replace(".", "").isalpha()
        return key[:40] if is_word and not check_text(key, people=self.people, machine=self.machine) else mask(key)

    def cell(self, cell: dict[str, Any], where: str) -> None:
        """Read a cell with its attachments and outputs, in place."""
        self.drop(cell, CELL_KEYS, where)
        metadata = cell.get("metadata", {})
        self.drop(metadata, CELL_METADATA, f"{where}, metadata")
        cell["metadata"] = self.json(metadata, f"{where}, metadata")
        is_code = cell.get("cell_type") == "code"
        read = partial(self.plain if is_code else self.markup, where=f"{where}, {'code' if is_code else 'text'}")
        cell["source"] = _in_form(cell.get("source", ""), read)
        for number, (name, bundle) in enumerate((cell.get("attachments") or {}).items(), 1):
            place = f"{where}, attachment {number}"
            self.text(name, f"{place}, its name")
            self.bundle(bundle, place)
            if "image/png" in bundle:
                self.refuse("photo", f"{place}, image/png", "a pasted picture")
        for number, output in enumerate(cell.get("outputs") or (), 1):
            self.output(output, f"{where}, output {number}")

    def output(self, output: dict[str, Any], where: str) -> None:
        """Read an output of a cell, in place: its data, its text, its error."""
        self.drop(output, OUTPUT_KEYS, where)
        data = output.get("data", {})
        if "metadata" in output:
            metadata = output["metadata"] = dict(output["metadata"])
            self.drop(metadata, (*data, *LOOKS), f"{where}, metadata")
            for entry in metadata.values():
                if isinstance(entry, dict):
                    self.drop(entry, LOOKS, f"{where}, metadata")
        if data.pop(VIEW, None) is not None:
            self.take("widget_state", f"{where}, {VIEW}", "a control's number")
        self.bundle(data, where)
        if "text" in output:
            stream = str(output.get("name", "text"))
            read = self.message if stream == "stderr" else self.plain
            output["text"] = _in_form(output["text"], partial(read, where=f"{where}, {stream}"))
        for key in ("ename", "evalue"):
            if key in output:
                output[key] = self.message(str(output[key]), f"{where}, error")
        if "traceback" in output:
            place = f"{where}, traceback"
            output["traceback"] = [self.shortened(str(line), place) for line in output["traceback"]]
            self.text(ESCAPES.sub("", "\n".join(output["traceback"])), place)

    def bundle(self, bundle: dict[str, Any], where: str) -> None:
        """Data by its type: an output's, or an attachment's."""
        for mime, data in bundle.items():
            place = f"{where}, {mime}"
            if mime.endswith("json"):
                bundle[mime] = self.json(data, place)
            elif mime not in MARKUP and BINARY.fullmatch(mime):
                bundle[mime] = _in_form(data, partial(self.packed, where=place, mime=mime))
            else:
                bundle[mime] = _in_form(data, partial(self.markup if mime in MARKUP else self.plain, where=place))

    def plain(self, text: str, where: str) -> str:
        """A text, with the pictures inside it stripped. What is found in it is kept."""
        text, bare = self.uris(text, where)
        self.text(ESCAPES.sub("", bare), where)
        return text

    def message(self, text: str, where: str) -> str:
        """The same of a warning or an error, with file names where full paths stood."""
        return self.plain(self.shortened(text, where), where)

    def markup(self, text: str, where: str) -> str:
        """The same of HTML, SVG or Markdown: as written, and as read with its tags and stars gone."""
        text, bare = self.uris(text, where)
        written = () if bare.lstrip()[:1] == "<" else (bare.replace("*", "").replace("`", ""),)
        for reading in dict.fromkeys((*written, *readings(bare))):
            self.text(reading, where)
        return text

    def json(self, data: Any, where: str, *, gone: bool = False) -> Any:
        """Plain data, with the pictures inside it stripped; each entry is read together with its name."""
        lines: list[str] = []
        data = self.entries(data, "", where, lines, gone)
        self.text("\n".join(lines), where, gone=gone)
        return data

    def entries(self, data: Any, key: str, where: str, lines: list[str], gone: bool) -> Any:
        """Plain data with the pictures inside it stripped; what is to be read of it is added to the lines."""
        if isinstance(data, dict):
            return {name: self.entries(value, str(name), where, lines, gone) for name, value in data.items()}
        if isinstance(data, list):
            return [part if _is_amount(part) else self.entries(part, key, where, lines, gone) for part in data]
        label = "" if key in ("", "name") else f"{key}: "
        if isinstance(data, str) and key != "bdata":
            data, bare = self.uris(data, where, gone=gone)
            texts = dict.fromkeys((bare, *readings(bare)) if "<" in bare else (bare,))
            lines += [label + text for text in texts]
        elif label:
            is_number = isinstance(data, int) and not isinstance(data, bool)
            lines.append(f"{label}{data}" if is_number else label)
        return data

    def uris(self, text: str, where: str, *, gone: bool = False) -> tuple[str, str]:
        """A text with the pictures in its data: addresses stripped, and the same without them, to be read."""

        def clean(match: re.Match[str]) -> str:
            mime, more, packed, body = match.groups()
            place = f"{where}, {mime}"
            if where.count(f", {mime}") >= MOST_INSIDE:
                self.refuse("attached_file", where, "data in data in data")
                return match.group()
            if not packed:
                self.markup(unquote(body), place)
                return match.group()
            if mime == "image/svg+xml" or mime.startswith("text/"):
                with suppress(binascii.Error, ValueError):
                    new = self.markup(base64.b64decode(body).decode("utf-8", "replace"), place)
                    return f"data:{mime}{more};base64,{base64.b64encode(new.encode()).decode()}"
            if mime.startswith("font/") or gone:
                return match.group()
            return f"data:{mime}{more};base64,{self.packed(body, place, mime)}"

        return DATA_URI.sub(clean, text), DATA_URI.sub(" ", text)

    def packed(self, body: str, where: str, mime: str) -> str:
        """Something in base64: a picture without what its file says beside it. What cannot be read is refused."""
        picture = None
        with suppress(binascii.Error, ValueError):
            picture = stripped(base64.b64decode(unquote(body)))
        if picture and picture.texts:
            self.take("image_metadata", where, ", ".join(map(mask, picture.texts[:3])))
            self.text("\n".join(picture.texts), where, gone=True)
        if picture and picture.placed:
            self.take("photo_place", where, "EXIF GPS")
        if picture is None or mime != "image/png":
            names = {"image": "photo", "audio": "recording", "video": "recording"}
            self.refuse(names.get(mime.partition("/")[0], "attached_file"), where, mime)
        return base64.b64encode(picture.data).decode() if picture else body

    def refuse(self, name: str, where: str, excerpt: str) -> None:
        """Note something that cannot be looked into: it is refused, unless its kind is allowed."""
        self.identifiers.append(reported(kind(name), where, excerpt, self.allow))

    def shortened(self, text: str, where: str) -> str:
        """A traceback or warning with file names where full paths stood."""
        for path in FULL_PATH.findall(text):
            self.take("file_path", where, mask(path))
        return FULL_PATH.sub("", text)


def readings(text: str) -> Iterator[str]:
    """HTML as text: words as a reader sees them, cells side by side, cells with headings, attributes with comments."""
    try:
        # A text without a first tag may be taken for an address or for XML, with a warning.
        whole: dict[str, Any] = {"on_duplicate_attribute": _keep_both, "string_containers": {}}
        page = BeautifulSoup(f"<p>{text}", "html.parser", multi_valued_attributes=None, **whole)
    except ParserRejectedMarkup:
        yield text
        yield re.sub(r"<[^<>]*>", "", text)
        return
    comments = [string for string in page.descendants if isinstance(string, PreformattedString)]
    beside = [str(comment.extract()) for comment in comments]
    for tag in page.find_all(True):
        beside += [f"{key}: {value}" if key.startswith("data-") else str(value) for key, value in tag.attrs.items()]
        if tag.name in ("script", "style"):
            beside.append(tag.extract().get_text())
    apart = page.get_text(" ")
    rows = "\n".join("\t".join(cell.get_text(" ", strip=True) for cell in row(["th", "td"])) for row in page("tr"))
    for tag in page.find_all(True):
        if tag.name not in INLINE:
            tag.insert(0, "\n")
            tag.append("\n")
    yield page.get_text()
    yield apart
    yield "\n".join(labelled(rows))
    yield "\n".join(beside)


def _keep_both(attributes: dict[str, str], name: str, value: str) -> None:
    attributes[name] = f"{attributes[name]} {value}"


def _is_amount(part: Any) -> bool:
    """Whether an entry of a list is a number too short to name anybody."""
    is_short = isinstance(part, int | str) and SHORT_NUMBER.fullmatch(str(part)) is not None
    return is_short or isinstance(part, float)


def _in_form(text: Any, read: Callable[[str], str]) -> Any:
    """A text as it reads afterwards, in the form that it had: in lines, where it stood in lines."""
    whole = "".join(map(str, text)) if isinstance(text, list) else str(text)
    new = read(whole)
    if new == whole:
        return text
    return new.splitlines(keepends=True) if isinstance(text, list) else new


def people_in(path: str | Path) -> tuple[str, ...]:
    """The names in a file, one a line; what follows a # is left out. Raises KetacostError where it cannot be read."""
    try:
        lines = bytes_in(Path(path)).decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = "cannot be read as a list of names: give one name a line, in UTF-8"
        raise KetacostError(f"{Path(path).name} {why}") from error
    names = tuple(dict.fromkeys(name for line in lines if (name := line.partition("#")[0].strip())))
    if len(names) > MOST_PEOPLE or any(len(name) > MOST_OF_A_NAME for name in names):
        raise KetacostError(
            f"{Path(path).name} holds {len(names):,} names: at most {MOST_PEOPLE:,} are looked for, each of at most "
            f"{MOST_OF_A_NAME} letters, one per line"
        )
    return names


MOST_PEOPLE, MOST_OF_A_NAME = 10_000, 200


def machine_names() -> tuple[str, ...]:
    """The names of this user, this computer and git's author here, looked up now; those of nobody are left out."""
    variables = ["USER", "LOGNAME", "USERNAME", "HOSTNAME", "COMPUTERNAME", "EMAIL"]
    variables += [f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")]
    names = [os.environ.get(variable, "") for variable in variables]
    with suppress(OSError, KeyError, ImportError):
        names.append(getpass.getuser())
    with suppress(OSError):
        names += [socket.gethostname(), socket.gethostname().partition(".")[0]]
    with suppress(OSError, RuntimeError, UnicodeDecodeError):
        names.append(Path.home().name)
        settings = (Path.home() / ".gitconfig").read_text(encoding="utf-8")
        names += re.findall(r"^\s*(?:name|email)\s*=\s*\"?([^\"\n]+)", settings, re.MULTILINE)
    bare = dict.fromkeys(name.strip() for name in names)
    return tuple(name for name in bare if len(name) > 2 and name.lower() not in GENERIC and not name.isdigit())
