"""Malformed input for every way into the package: what is taken, how it is spoiled, and what is made of it.

A way in takes a text or plain data and does with it what the package would do. It may refuse with a KetacostError in
words; anything else is a fault: another error, the sentence about an unexpected error, half a minute, Python's own words.
"""

from __future__ import annotations

import json
import re
import signal
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from time import process_time
from typing import Any, NamedTuple

from hypothesis import strategies as st
from places import NOTEBOOKS, ROOT

import ketacost as kc
from ketacost.core import untrusted
from ketacost.core.fields import KetacostError
from ketacost.core.words import brief
from ketacost.estimate.answer import scenario_of
from ketacost.estimate.entries import patterns
from ketacost.estimate.estimate import estimate
from ketacost.estimate.scenario import examples, table_of
from ketacost.files.batch import answer_row, jobs, read_bill
from ketacost.files.scenario_files import as_toml, load, load_plan
from ketacost.model.adjudication import adjudicate
from ketacost.model.plans import published_plans
from ketacost.reports.json_output import as_dict
from ketacost.reports.text import answer_text
from ketacost.sharing.share import share_notebook
from ketacost.sharing.verify import verdict_text, verify
from ketacost.workbench.session import Session

TODAY = date(2026, 11, 27)
SLOW, PATIENCE = 5.0, 60.0
"""Seconds of processor that an input may take, and seconds after which it has no end."""
PYTHONS = re.compile(
    r"Traceback|datetime\.|Decimal\(|typing\.|<class|NoneType|object at 0x|Error\(|dict_keys|frozenset\("
)
"""Python's own words, which no message has."""

TOKENS: tuple[str, ...] = (
    *(
        "",
        " ",
        "0",
        "1",
        "-1",
        "-0",
        "1e5",
        "1e999999",
        "-1e-999999",
        "9" * 25,
        "9" * 5_000,
        "0x1F",
        "1_000",
        "1.",
        ".5",
    ),
    *(
        "nan",
        "inf",
        "-inf",
        "true",
        "false",
        "null",
        "None",
        "yes",
        "٣",
        "４",
        "½",
        "1/3",
        "40%",
        "-40%",
        "4000%",
        "$5",
        "$",
    ),
    *(
        "$1,234.50",
        "1.234,50",
        "(5)",
        "1,2,3",
        "5 to 9",
        "low=1",
        "{",
        "}",
        "[",
        "]",
        "[" * 99,
        "{a=" * 99,
        "()",
        "'",
        '"',
        '"""',
    ),
    *(
        "=",
        ":",
        ",",
        ";",
        "|",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "\\",
        "\0",
        "\x1b[2J",
        "\ud800",
        "\ufeff",
        "\u202e",
        "\u2028",
        "é",
        "e\u0301",
    ),
    *(
        "=1+1",
        "+1",
        "@SUM(1)",
        "-1+cmd",
        "<b>",
        "</script>",
        "<!--",
        "&#0;",
        "&lt;",
        "]]>",
        "{{7*7}}",
        "%s",
        "%",
        "{0}",
        "#",
        "//",
    ),
    *(
        "2026-11-30",
        "2026-02-30",
        "0001-01-01",
        "9999-12-31",
        "2000-01-01",
        "2100-12-31",
        "2026-11-30T05:00:00Z",
        "05:00:00",
    ),
    *(
        "1/2/2026",
        "13/13/2026",
        "12/31/99",
        "Jan 1",
        "today",
        "unknown",
        "not known",
        "none",
        "no limit",
        "typical",
        "low",
        "high",
    ),
    *(
        "patient",
        "spouse",
        "child-1",
        "in",
        "out",
        "default",
        "infusion",
        "evaluation",
        "denied",
        "everything",
        "PPO",
        "CA",
        "ZZ",
    ),
    *(
        "coverage",
        "ranges",
        "said",
        "resolved",
        "plan",
        "networks",
        "members",
        "prices",
        "__class__",
        "__proto__",
        "../../x",
    ),
    *(
        "a.b.c",
        ".",
        "..",
        "a" * 300,
        "a." * 100,
        "x" * 20_000,
        "readme-patient",
        "nextgen-2026-750",
        "spravato",
        "medicaid",
    ),
    *("96365", "J0013", "00000", "terms.in.deductible", "prices.charges.infusion", "unknown:plan", "household.state"),
)
VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        5,
        400,
        10**7,
        10**30,
        -(10**30),
        0.1,
        -0.5,
        1e308,
        5e-324,
        float("inf"),
        float("nan"),
    ),
    *(
        "",
        [],
        {},
        [None],
        [[]],
        [[[[]]]],
        {"": {}},
        {"": None},
        {"a": 1},
        [1, "a", None],
        {"low": 1, "high": 0},
        {"low": "x"},
    ),
    *(list(range(500)), ["a"] * 300, {str(number): number for number in range(300)}, json.loads("[" * 70 + "]" * 70)),
    *(
        "x",
        "\ud800",
        "\x1b[2J",
        "9" * 400,
        "2026-11-30",
        "40%",
        "unknown",
        "none",
        "typical",
        "<script>1</script>",
        "=1+1",
    ),
)
"""What is put in a place: a word in a text, a value in data."""

KINDS = ("put", "put", "put", "add", "cut", "twice", "swap", "end", "line", "none")


class Edit(NamedTuple):
    """One way to spoil a text or data: its kind, where (in millionths of its length), and which word or value."""

    kind: str
    where: int
    what: int


class WayIn(NamedTuple):
    """A way in: what it takes that is right, how that is spoiled, and what is done with it."""

    right: Callable[[], Sequence[Any]]
    spoiled: Callable[[Any, Sequence[Edit]], Any]
    enter: Callable[[Any], object]


class Fault(NamedTuple):
    """What an input did that none should: its kind with the place in the code, and the whole story."""

    kind: str
    story: str


EDITS = st.lists(
    st.builds(Edit, st.sampled_from(KINDS), st.integers(0, 999_999), st.integers(0, 9_999)), min_size=1, max_size=5
)


def random_edits(dice: Random) -> list[Edit]:
    """Edits as `EDITS` draws them, from a seeded die."""
    return [
        Edit(dice.choice(KINDS), dice.randrange(1_000_000), dice.randrange(10_000))
        for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 5)))
    ]


WORD = re.compile(r"[\w.%$:/-]+|[^\w\s]|\s+")


def spoiled_text(text: str, edits: Sequence[Edit]) -> str:
    """A text with words of it put anew, left out, doubled, swapped or broken off."""
    for kind, where, what in edits:
        words = WORD.findall(text) or [""]
        at, word = where * len(words) // 1_000_000, TOKENS[what % len(TOKENS)]
        other = what % len(words)
        if kind == "put":
            words[at] = word
        elif kind == "add":
            words.insert(at, word)
        elif kind == "cut":
            del words[at : at + 1 + what % 5]
        elif kind == "twice":
            words[at:at] = words[at : at + 1 + what % 40]
        elif kind == "swap":
            words[at], words[other] = words[other], words[at]
        elif kind == "end" and what % 4 == 0:
            del words[at:]
        elif kind == "line":
            lines = text.split("\n")
            lines.insert(where * len(lines) // 1_000_000, lines[other % len(lines)])
            words = ["\n".join(lines)]
        text = "".join(words)
    return text


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in plain data, as what holds it and its key there."""
    for key in list(data) if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield data, key
        yield from _places(data[key])


def copied(data: Any) -> Any:
    """Plain data once more."""
    return json.loads(json.dumps(data))


def spoiled_data(data: Any, edits: Sequence[Edit]) -> Any:
    """Plain data with values of it put anew, left out, added or swapped."""
    data = copied(data)
    for kind, where, what in edits:
        places = list(_places(data))
        if not places:
            return copied(VALUES[what % len(VALUES)])
        holder, key = places[where * len(places) // 1_000_000]
        value = copied(VALUES[what // 2 % len(VALUES)] if what % 2 else TOKENS[what // 2 % len(TOKENS)])
        if kind in ("put", "line"):
            holder[key] = value
        elif kind in ("add", "twice"):
            word = TOKENS[what % len(TOKENS)]
            holder.update({word: value}) if isinstance(holder, dict) else holder.insert(key, value)
        elif kind in ("cut", "end"):
            del holder[key]
        elif kind == "swap":
            other, place = places[what % len(places)]
            holder[key], other[place] = copied([other[place], holder[key]])
        else:
            holder[key] = spoiled_text(str(holder[key]), [Edit("put", where, what)])
    return data


def spoiled_either(right: Any, edits: Sequence[Edit]) -> str:
    """A text spoiled as text; data spoiled as data and then written as JSON, now and then spoiled once more."""
    if isinstance(right, str):
        return spoiled_text(right, edits)
    text = json.dumps(spoiled_data(right, edits))
    return spoiled_text(text, edits[:1]) if edits[0].what % 5 == 0 else text


# The ways in


@cache
def folder() -> Path:
    """Where inputs are put down."""
    return Path(mkdtemp(prefix="hostile-"))


def put_down(text: str, name: str) -> Path:
    """A text as a file, half letters and all."""
    path = folder() / name
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path


def plain(thing: Any) -> Any:
    """A table as JSON holds it."""
    return json.loads(json.dumps(thing, default=str))


@cache
def scenarios() -> tuple[Any, ...]:
    """Scenario files, as text and as data: the examples in full, and what people say of a case."""
    said = [
        kc.intake(payer="employer-insured", protocol="iv-mood", network="out").say("terms.out.deductible", "2,500"),
        kc.intake(payer="marketplace", protocol="spravato", network="in").say("used.patient.in.deductible", "400"),
        kc.intake(payer="va-facility", protocol="iv-pain").say("start", "2027-02-01"),
    ]
    whole = [kc.example(name) for name in examples()]
    texts = [as_toml(scenario) for scenario in (*whole, *(kc.resolve(intake, TODAY) for intake in said))]
    return (*texts, *(plain(table_of(scenario)) for scenario in whole))


def enter_scenario(text: str) -> object:
    suffix = ".json" if text.lstrip("\ufeff \n")[:1] in ("{", "[", "") and "=" not in text[:20] else ".toml"
    found = estimate(load(put_down(text, f"scenario{suffix}")))
    return answer_text(found) if len(text) % 7 else as_dict(found)


@cache
def plans() -> tuple[Any, ...]:
    """Plan files, as text and as data."""
    folders = sorted((ROOT / "data" / "plans").rglob("*.toml"))
    small = (
        'name = "P"\nkind = "PPO"\nstarts = "03-15"\n[networks.out]\ndeductible = 100\nout_of_pocket_limit = 5_000\n'
        'benefits.default = { coinsurance = "40%", copay = 20 }\nallowed.default = 150\nallowed.infusion = "140% of medicare"\n'
    )
    from ketacost.core.convert import as_text, written

    data = [plain(as_text(written(kc.plans[name]))) for name in published_plans()]
    return (small, *(path.read_text("utf-8") for path in folders), *data)


@cache
def _visits() -> Any:
    return kc.course("iv-mood", start="2026-11-30", price=600)


def enter_plan(text: str) -> object:
    terms = load_plan(put_down(text, "plan.json" if text.lstrip()[:1] == "{" else "plan.toml"))
    network = next(iter(terms.networks))
    lines = tuple(line.replace(network=network) for line in _visits())
    return sum(claim.you_pay for claim in adjudicate(lines, terms))


CLAIMS = (
    'date,network,charge,allowed\n2024-03-01,out,1000,900\n2024-03-02,in,"$1,000.00",900\n',
    "date,code,units,charge,member\n2026-03-07,96365,1,550.00,patient\n2026-03-09,96366,2,150.00,patient\n",
    "Claim Number;Date of Service;Procedure Code;Billed Amount;Allowed Amount;Claim Status;Patient Responsibility\n"
    "1;03/07/2026;96365;550,00;300,00;Paid;550,00\n1;03/07/2026;96365;-550,00;300,00;Reversed;-550,00\nTotal;;;0,00;;;\n",
    "Member History\n\nDate\tDescription\tCharge\tCovered\tClaim type\n3/7/26\tKetamine infusion\t$550\tyes\toriginal\n",
)


def enter_claims(text: str) -> object:
    bill = read_bill(put_down(text, "claims.csv"), network="out", networks=("in", "out"))
    return bill.problems or sum(claim.you_pay for claim in adjudicate(bill.lines, _small_plan()))


def enter_workbook(cells: Any) -> object:
    from openpyxl import Workbook
    from openpyxl.utils.exceptions import IllegalCharacterError

    book = Workbook()
    sheet = book.active
    for row in cells if isinstance(cells, list) else ():
        with suppress(ValueError, TypeError, AttributeError, IllegalCharacterError):  # what no workbook can hold
            sheet.append(row if isinstance(row, list) else [str(row)])
    path = folder() / "claims.xlsx"
    book.save(path)
    bill = read_bill(path, network="out", networks=("in", "out"))
    return bill.problems or sum(claim.you_pay for claim in adjudicate(bill.lines, _small_plan()))


@cache
def _small_plan() -> kc.Plan:
    plan = kc.Plan.of(deductible=1_000, coinsurance="40%", out_of_pocket_limit=9_000, allowed=350)
    return plan.replace(networks={"in": next(iter(plan.networks.values())), "out": next(iter(plan.networks.values()))})


def workbooks() -> list[Any]:
    """Claim lines as the cells of a workbook."""
    return [[line.split(",") for line in text.splitlines()] for text in CLAIMS[:2]]


ROWS = (
    "name,scenario,plan,coverage,prices.iv-mood.infusion,start\n"
    "a,readme-patient,nextgen-2026-3000,denied,600,2027-01-04\nb,readme-patient,,perhaps,,\n",
    "payer,protocol,terms.in.deductible,used.in.deductible,household.state,household.wages\n"
    'marketplace,spravato,"3,000",400,TX,38000\n',
    "plan,course.protocol,course.start,allowed.infusion,coverage\nnextgen-2026-750,iv-mood,11/30/2026,300,infusions too\n",
)


def enter_batch(text: str) -> object:
    rows = [answer_row(job) for job in jobs(put_down(text, "rows.csv"), today=TODAY)[:6]]
    return [row.get("problem") for row in rows]


@cache
def settings() -> tuple[list[str], ...]:
    """What `--set` may be told: every entry's name with a value that fits or does not."""
    words = [name.replace("*", "infusion").replace("{", "").replace("}", "") for name in patterns()]
    fitting = ("5", "40%", "2027-01-04", "in", "yes", "unknown", "100 to 900", "low")
    return tuple([f"{name}={fitting[at % len(fitting)]}"] for at, name in enumerate(words * 3))


def spoiled_settings(right: list[str], edits: Sequence[Edit]) -> list[str]:
    """Settings with some words put anew, and some more of them."""
    more = [settings()[edit.what % len(settings())][0] for edit in edits if edit.kind in ("twice", "line")]
    return [spoiled_text(right[0], edits), *more]


def enter_settings(words: list[str]) -> object:
    said = dict(word.partition("=")[::2] for word in words)
    return answer_text(estimate(scenario_of(load("readme-patient", today=TODAY), said)))


REQUESTS: tuple[dict[str, Any], ...] = (
    {"path": "prices.iv-mood.infusion", "value": "550"},
    {"path": "unknown:prices.iv-mood.infusion", "value": True},
    {"path": "plan", "value": "nextgen-2026-750"},
    {"path": "payer", "value": "medicaid"},
    {"path": "coverage", "value": "denied"},
    {"path": "protocol", "value": "spravato"},
    {"path": "course.start", "value": "2027-01-04"},
    {"path": "terms.out.deductible", "value": "2,500"},
    {"path": "household.state", "value": "TX"},
    {"path": "network", "value": "in"},
    {"do": "undo"},
    {"do": "redo"},
    {"do": "new"},
    {"do": "fold", "part": "saved", "open": True},
    {"do": "why", "figure": "charge"},
    {
        "do": "log",
        "day": "2026-11-27",
        "about": "plan.networks.out.deductible",
        "answer": "yes",
        "reference": "",
        "value": "500",
    },
    {"do": "handout", "language": "es"},
    {"do": "download", "name": "my patient"},
    {"do": "read", "name": "a.toml", "text": 'said.payer.value = "medicaid"\nresolved.today = 2026-11-27\n'},
    {"do": "files"},
    {"do": "open", "name": "a.toml"},
    {"do": "save", "name": "a"},
    {"do": "export", "what": "months"},
)


class _Panel:
    """A session that is asked one request after another, and begun anew now and then."""

    session: Session | None = None
    asked = 0


def enter_request(asked: Any) -> object:
    if _Panel.session is None or _Panel.asked % 40 == 0:
        for path in (folder() / "panel").glob("*"):
            path.unlink()
        _Panel.session = Session(kc.example("readme-patient"), today=TODAY, folder=folder() / "panel")
    _Panel.asked += 1
    _Panel.session.serve(asked)
    shown = _Panel.session.shown() if _Panel.asked % 10 == 0 else {"told": _Panel.session._told("")}
    json.dumps(shown["told"])
    return [shown["told"].get("problem", ""), *(held["problem"] for held in shown["told"]["problems"].values())]


@cache
def notebooks() -> tuple[Any, ...]:
    """Notebooks: small ones with outputs of every kind, and cells of the shipped ones."""
    shipped = []
    for path in sorted(NOTEBOOKS.glob("*.ipynb"))[:4]:
        book = json.loads(path.read_text("utf-8"))
        cells = [cell for cell in book["cells"] if len(json.dumps(cell)) < 8_000]
        shipped += [{**book, "cells": cells[first : first + 3]} for first in range(0, len(cells), 3)]
    picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    figure = {"data": [{"type": "bar", "x": ["a"], "y": [1]}], "layout": {"title": {"text": "A title"}, "height": 300}}
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["a\n"]},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": picture, "text/plain": "x"}},
        {"output_type": "display_data", "metadata": {}, "data": {"application/vnd.plotly.v1+json": figure}},
        {
            "output_type": "execute_result",
            "execution_count": 1,
            "metadata": {},
            "data": {"text/html": "<table><tr><th>a<td>1</table>"},
        },
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["a"]},
    ]
    cells = [
        {
            "cell_type": "markdown",
            "id": "a",
            "metadata": {},
            "source": "# Title\n\n| a | b |\n|---|---|\n| 1 | [x](https://example.org) |",
        },
        {"cell_type": "code", "id": "b", "metadata": {}, "source": "1", "execution_count": 1, "outputs": outputs},
    ]
    return ({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}, *shipped)


def enter_notebook(text: str) -> object:
    copies = {"ipynb": folder() / "copy.ipynb", "md": folder() / "copy.md"} if len(text) % 5 == 0 else {}
    return share_notebook(put_down(text, "book.ipynb"), folder() / "page.html", draw=False, **copies).left_out


@cache
def pages() -> tuple[str, ...]:
    """Shared pages: one of the first format, and what this package makes of a small notebook, without its style."""
    from ketacost.sharing.verify import embedded, fingerprint

    old = (ROOT / "tests" / "data" / "page_of_format_1.html").read_text("utf-8")
    marks = [
        embedded(fingerprint([kc.example(name)]))
        for name in ("readme-patient", "payer-medicaid", "spravato-in-network")
    ]
    return (old, *(f"<!doctype html><title>A page</title><p>About $7,790</p>{mark}" for mark in marks))


def enter_page(text: str) -> object:
    return verdict_text(verify(put_down(text, "page.html")))


WAYS_IN: Mapping[str, WayIn] = {
    "scenario file": WayIn(scenarios, spoiled_either, enter_scenario),
    "plan file": WayIn(plans, spoiled_either, enter_plan),
    "claim lines": WayIn(lambda: CLAIMS, spoiled_text, enter_claims),
    "claim workbook": WayIn(workbooks, spoiled_data, enter_workbook),
    "batch rows": WayIn(lambda: ROWS, spoiled_text, enter_batch),
    "settings": WayIn(settings, spoiled_settings, enter_settings),
    "panel requests": WayIn(lambda: REQUESTS, spoiled_data, enter_request),
    "notebooks": WayIn(notebooks, spoiled_either, enter_notebook),
    "pages": WayIn(pages, spoiled_either, enter_page),
}


# What is a fault


class TooSlow(BaseException):
    """An input took longer than it may; no net catches this."""


def _too_slow(*_: object) -> None:
    raise TooSlow


@contextmanager
def causes() -> Iterator[list[BaseException]]:
    """What the nets caught inside, though it ended in a sentence."""
    caught: list[BaseException] = []
    before = untrusted._places
    untrusted._places = lambda error: caught.append(error) or []  # type: ignore[func-returns-value]
    try:
        yield caught
    finally:
        untrusted._places = before


def fault_of(enter: Callable[[Any], object], given: Any, *, slow: float = SLOW) -> Fault | None:
    """What an input did that none should; None where it was taken, or refused in words."""
    said, began = "", process_time()
    signal.signal(signal.SIGALRM, _too_slow)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        with causes() as caught:
            try:
                said = str(enter(given))
            except KetacostError as error:
                said = brief(error)
                if not said.strip():
                    return Fault("an empty message", type(error).__name__)
            except Exception as error:
                return _story(error)
        if caught:
            return _story(caught[0])
    except TooSlow as error:
        return Fault("no end", "".join(traceback.format_tb(error.__traceback__)[-4:]))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if process_time() - began > slow:
        return Fault("slow", f"{process_time() - began:.1f} s of processor")
    if found := PYTHONS.search(said):
        return Fault(f"Python's words: {found[0]}", said[max(0, found.start() - 200) : found.start() + 200])
    return None


def _story(error: BaseException) -> Fault:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "ketacost/" in frame.filename] or frames
    place = f"{Path(ours[-1].filename).name}, line {ours[-1].lineno}, in {ours[-1].name}"
    return Fault(f"{type(error).__name__} at {place}", "".join(traceback.format_exception(error))[-3_000:])


def spoiled(way: WayIn, number: int, edits: Sequence[Edit]) -> Any:
    """The input of a number and edits."""
    right = way.right()
    return way.spoiled(right[number % len(right)], edits)
