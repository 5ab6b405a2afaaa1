"""Pictures of results: each described once as a small table, and drawn from it as a plotly figure and as SVG.

Notebooks show the figure, with hover and export. The panel, the live page, shared pages and print show the SVG: it
needs no library, its text stays text, and its accessible name is the finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from html import escape
from itertools import cycle
from textwrap import shorten, wrap
from typing import TYPE_CHECKING, Any

from ketacost.accounts.fsa import ElectionAdvice
from ketacost.analysis.alternatives import Route
from ketacost.analysis.comparison import Comparison, Option
from ketacost.analysis.start_dates import Start, headline, key_dates
from ketacost.core.dates import months_later
from ketacost.core.fields import KetacostError
from ketacost.core.money import about, between, brief, shown
from ketacost.estimate.answer import Answer
from ketacost.estimate.calendar import Calendar
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.outlook import Outlook, Priced
from ketacost.estimate.sentences import RARE
from ketacost.estimate.texts import SURE, how_often
from ketacost.model.protocols import in_its_words
from ketacost.reports.cohort_pictures import SHADES, CohortTable, by_group
from ketacost.reports.outcomes import ends_in_words
from ketacost.reports.pictures import (
    CHARGE,
    COUNTED,
    DENIED,
    GRID,
    HUES,
    INK,
    LETTER,
    LIGHT,
    MUTED,
    PALE,
    PLAN,
    YOURS,
    Axis,
    Bar,
    Bars,
    Mark,
    Note,
    Picture,
    Points,
    Scale,
    ticks,
)
from ketacost.reports.statement import FROM_ZERO, finding, finding_of, parts_of_charge, parts_to_net
from ketacost.reports.statements import running, statement

if TYPE_CHECKING:
    import plotly.graph_objects as go

DASHES = {"solid": None, "dash": "7 4", "dot": "2 3", "dashdot": "8 3 2 3", "longdash": "12 4"}
SYMBOLS = {"dot": "circle", "ring": "circle-open", "tick": "line-ns-open"}
"""Dashes in SVG by plotly's names for them, and plotly's symbols by our names for them."""

NARROW, BROAD, EDGE, PLOT = 420, 700, 10, 400
HIGH, LEVEL, ROW = 240, 68, 18
"""Sizes in an SVG: the width on a phone and on a wide screen, margins, a narrow plot without labels at its left; the
height of a plot of dollars, of a decision of the tree and of a line of text."""


def _dollars(amounts: Iterable[float | Fraction], title: str = "", *, room: float = 0.1) -> Axis:
    """An axis of dollars with zero and all amounts on it, round ticks, and some room at its ends."""
    cents = [0, 1, *map(int, amounts)]
    lowest, highest = min(cents), max(cents)
    free = int(room * (highest - lowest))
    labels = tuple((tick, about(tick)) for tick in ticks(lowest, highest + free))
    return Axis(lowest - free if lowest else 0, highest + free, labels, "dollars", title)


def _days(first: date, last: date, title: str = "", *, on: int = 1) -> Axis:
    """An axis of days that names at most five months, each at one of its days; where it has only one, its ends."""
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    days = [months_later(first.replace(day=on), number) for number in range(months)]
    labels = [(day.toordinal(), f"{day:%b %Y}") for day in days[:: -(-months // 5)] if first <= day <= last]
    if len(labels) < 2:
        labels = [(day.toordinal(), f"{day:%b} {day.day}, {day.year}") for day in dict.fromkeys((first, last))]
    return Axis(first.toordinal(), max(last.toordinal(), first.toordinal() + 1), tuple(labels), "days", title)


def _dated(points: Iterable[tuple[date, int]]) -> list[tuple[int, int]]:
    return [(day.toordinal(), cents) for day, cents in points]


GOOD = ("write_off", "plan_pays", "assistance", "hra", "rebate", "tax_saved")
COLORS = {"charge": CHARGE, "allowed": COUNTED, **dict.fromkeys(GOOD, PLAN)}
STRONG = ("charge", "you_pay", "net")
"""The colors of the parts of a bill that are not yours; the parts that the bars lead from and to."""


def color_of(name: str) -> tuple[str, bool]:
    """The color of a part of the charge; what is yours is hatched where it is taken from the rest."""
    color = COLORS.get(name, YOURS)
    return color, color == YOURS and name not in (*FROM_ZERO, "net")


Part = tuple[str, str, int, int]
"""A bar of the charge: its name, its label, and the cents from which and to which it goes."""


def _charge(title: str, parts: Sequence[Part]) -> Picture:
    """From the charge to what you pay: bars from zero, each part where the one before it ended."""
    marks, notes, y = list[Mark](), list[Note](), 0
    for name, label, start, end in parts:
        words, (color, hatched) = f"{label}: {shown(end - start)}", color_of(name)
        marks.append(Bars("", color, [Bar(start, end, y + 20, y + 36, words)], hatched))
        notes.append(Note(0, y + 14, words) if name in STRONG else Note(0, y + 14, "", words))
        y += 46
    return Picture(title, marks, notes, Axis(0, max(1, *(end for *_, end in parts)), unit="dollars"), Axis(y, 0))


def to_net(estimate: Estimate) -> Picture:
    """From the charge to the net of an estimate's shown case, as a picture."""
    return _charge(finding_of(estimate), parts_to_net(estimate))


def _calendar(calendar: Calendar) -> Picture:
    """What goes out above the zero line, what comes back below it, and the sum so far; three months at least."""
    if not calendar.months:
        return Picture(calendar.headline)
    begin, dearest, net = calendar.months[0].first_day, calendar.dearest_month, calendar.net
    end = max(calendar.months[-1].following, months_later(begin, 3))
    sums, out, back = [(calendar.entries[0].day, 0), *running(calendar), (end, net)], list[Bar](), list[Bar]()
    for month in calendar.months:
        days = month.first_day.toordinal() + 4, month.following.toordinal() - 4
        out.append(Bar(*days, 0, month.out, f"{month.first_day:%b %Y}: {shown(month.out)} goes out"))
        back.append(Bar(*days, 0, -month.back, f"{month.first_day:%b %Y}: {shown(month.back)} comes back"))
    marks: list[Mark] = [
        Bars("goes out", YOURS, out),
        Bars("comes back" if any(month.back for month in calendar.months) else "", PLAN, back, hatched=True),
        Points(f"sum so far, {about(net)} in the end", INK, _dated(sums), "steps", "dash"),
    ]
    if most := calendar.most_a_month:
        over = [calendar.above(month) for month in calendar.months]
        above = [bar._replace(y0=bar.y1 - more) for bar, more in zip(out, over, strict=True) if more]
        marks[0] = Bars(
            "goes out", YOURS, [bar._replace(y1=bar.y1 - more) for bar, more in zip(out, over, strict=True)]
        )
        marks.insert(1, Bars("above what you can pay" if above else "", YOURS, above, hatched=True))
        line = [(begin.toordinal(), most), (end.toordinal(), most)]
        marks.append(Points(f"you can pay {brief(most)} a month", MUTED, line, dash="dot", width=2))
    if dearest.first_day:
        place = dearest.first_day.toordinal() + 15, dearest.cents
        name = "month to come" if calendar.costlier_before else "month"
        marks.append(Points(f"most in a {name}, {about(dearest.cents)}", INK, [place], "dot", width=9))
    amounts = [*(bar.y1 for bar in (*out, *back)), *(cents for _, cents in sums), calendar.most_a_month]
    return Picture(calendar.headline, marks, (), _days(begin, end, on=15), _dollars(amounts))


def interval(result: Option | Estimate, y: float, top: float, names: Sequence[str] = ("", "", "")) -> list[Mark]:
    """All it can be as a line between ticks, 8 of 10 cases as a thick line, the likeliest as a dot."""
    low, p10, likely, p90, high = (getattr(result, name) or 0 for name in ("low", "p10", "likely", "p90", "high"))
    return [
        Points("", GRID, [(0, y), (top, y)], width=1),
        Points(names[0], LIGHT, [(p10, y), (p90, y)], width=9),
        Points(names[1], MUTED, [(low, y), (high, y)], width=2),
        Points("", MUTED, [(low, y), (high, y)], "tick", width=16),
        Points(names[2], YOURS, [(likely, y)], "dot", width=13),
    ]


def _comparison(comparison: Comparison) -> Picture:
    """Each option as an interval on one axis of dollars, its name above and its amounts below."""
    axis = _dollars((option.high or 0 for option in comparison.open), room=0)
    over, y, marks, notes, spoken = comparison.over, 0, list[Mark](), list[Note](), list[str]()
    names = ("8 of 10 cases", "all it can be", "likely")
    for option in comparison.options:
        likely, rest = _amounts(option)
        lines = [(line, "") for line in wrap(option.name, 46)[:2]]
        for words in lines if option.same_treatment else [*lines, ("", "another treatment")]:
            notes.append(Note(0, y := y + 17, *words))
        if likely:
            marks += interval(option, y + 15, axis.high, names)
            if over is not None and over <= axis.high:
                dotted = f"compared with {about(over)}" if names[0] else ""
                marks.append(Points(dotted, INK, [(over, y + 5), (over, y + 25)], dash="dot", width=1.5))
            names, y = ("", "", ""), y + 22
        notes.append(Note(0, y := y + 17, likely, rest))
        spoken.append(f"{option.name}: {likely}{rest}")
        y += 14
    order = comparison.order_in_words
    nets = sorted(option.likely for option in comparison.open if option.likely is not None)
    title = f"Likely cost {between(nets[0], nets[-1])}, {order}" if nets else "None of these options is open"
    return Picture(title, marks, notes, axis, Axis(y, 0), f"Options, {order}. {'. '.join(spoken)}.")


def _amounts(option: Option) -> tuple[str, str]:
    """The likely amount of an option, 8 of 10 cases and how likely it takes place, or why it is not open."""
    if option.likely is None or option.p10 is None or option.p90 is None:
        return "", shorten(f"Not open: {option.note}", 56)
    spread = between(option.p10, option.p90)
    chance = 1 if option.chance is None else option.chance
    certain = "" if chance >= SURE else f" if it takes place: {how_often(Fraction(chance))}"
    return about(option.likely), ("" if spread == about(option.likely) else f" ({spread})") + certain


def _starts(starts: Sequence[Start]) -> Picture:
    """The net and the most in a month by the day of the first visit, and where plan years begin."""
    can, title, notes = [start for start in starts if start.net is not None], headline(starts), list[Note]()
    if not can:
        return Picture(title)
    net = [(start.day, start.net or 0) for start in can]
    most = [(start.day, start.dearest_month.cents if start.dearest_month else 0) for start in can]
    first, last, axis = can[0].day, can[-1].day, _dollars(cents for _, cents in (*net, *most))
    marks = [
        Points("You pay in the end", YOURS, _dated(net), "steps", width=4),
        Points("Most in a month", PLAN, _dated(most), "steps", "dash", width=2),
    ]
    for day in sorted({start.facts.plan_years[0] for start in can if start.facts}):
        if first < day <= last:
            place = day.toordinal()
            marks.append(Points("", MUTED, [(place, 0), (place, axis.high)], dash="dot", width=1))
            notes.append(Note(place, 0, "", f"plan year {day:%b %Y}", 5, -7 - 16 * (len(notes) % 2)))
    spoken = " ".join([title, *(key_date.sentence for key_date in key_dates(starts))])
    return Picture(title, marks, notes, _days(first, last, "Day of the first visit"), axis, spoken)


def _routes(routes: Sequence[Route]) -> Picture:
    """What each open route has cost the patient by each day."""
    marks, nets, days = list[Mark](), list[int](), list[date]()
    found = [(route.label, route.estimate) for route in routes if route.estimate and route.likely is not None]
    for (label, estimate), color, dash in zip(found, cycle(HUES), cycle(DASHES), strict=False):
        sums = running(estimate.calendar) or ((estimate.calendar.last_visit, 0),)
        marks.append(Points(label, color, _dated(sums), "steps", dash))
        nets.append(estimate.main.likely)
        days += [day for day, _ in sums]
    if not found:
        return Picture("None of these routes is open")
    title = f"Likely cost in the end: {between(min(nets), max(nets))}"
    amounts = [up for mark in marks if isinstance(mark, Points) for _, up in mark.points]
    return Picture(title, marks, (), _days(min(days), max(days)), _dollars(amounts))


OUTCOMES = {"": PALE, "denied": DENIED, "visits only": YOURS, "infusions too": PLAN}


def _tree(outlook: Outlook) -> Picture:
    """What happens first on top, what follows below it, each as wide as it is likely."""
    left, bars = Fraction(0), {outcome: dict[tuple[str, ...], Bar]() for outcome in OUTCOMES}
    ends = ends_in_words(outlook)
    for priced in ends:
        path = priced.end.branches
        for name in (path[: depth + 1] for depth in range(len(path))):
            below = (other.end.chance for other in ends if other.end.branches[: len(name)] == name)
            outcome, money = (priced.end.outcome, [_words_of(priced)]) if name == path else ("", [])
            bars[outcome].setdefault(name, _block(len(name), left, sum(below, Fraction(0)), name[-1], *money))
        left += priced.end.chance
    depth = max(len(priced.end.branches) for priced in ends)
    kind = outlook.scenario.course.protocol
    named = {name: in_its_words(name, kind).capitalize() for name, drawn in bars.items() if drawn}
    marks = [Bars(words, OUTCOMES[name], tuple(bars[name].values())) for name, words in named.items()]
    labels = tuple((tenth / 10, f"{tenth} in 10" if tenth else "0") for tenth in range(0, 11, 2))
    x, y = Axis(0, 1, labels, title="How likely"), Axis(LEVEL * depth, 0)
    return Picture(statement(outlook).headline, marks, (), x, y)


def _words_of(priced: Priced) -> str:
    return about(priced.you_pay) if priced.whole else "stops"


def _block(depth: int, left: Fraction, chance: Fraction, name: str, *money: str) -> Bar:
    """A branch of the tree, with its name, its chance and what you pay inside it."""
    words, top = [name, how_often(chance), *money], LEVEL * (depth - 1)
    return Bar(float(left), float(left + chance), top + 1, top + LEVEL - 1, ", ".join(words), words)


def _election(advice: ElectionAdvice) -> Picture:
    """What an election saves in tax, what of it will be lost on average, and what it is worth, from $0 to the limit."""
    marked = {0, advice.lowest, advice.best.election, advice.highest, advice.curve[-1].election}
    curve = [point for point in advice.curve if point.election % 10_000 == 0 or point.election in marked]
    y = _dollars(amount for point in curve for amount in (point.saving, point.forfeiture, point.value))
    lost = [(point.election, float(point.forfeiture)) for point in curve]
    near = Bar(advice.lowest, advice.highest, y.low, y.high, "nearly as good")
    marks: list[Mark] = [
        Bars("nearly as good", LIGHT, [near]),
        Points("Worth: saved less lost", INK, [(point.election, float(point.value)) for point in curve]),
        Points("Tax saved", PLAN, [(point.election, float(point.saving)) for point in curve], dash="dash"),
        Points("Expected to be lost", YOURS, lost, dash="dot"),
    ]
    x = _dollars((point.election for point in curve), "Elected for the year", room=0)
    return Picture(advice.sentence, marks, (), x, y)


def _ten_dots(estimate: Estimate) -> Picture:
    """Ten equally likely nets as dots on an axis of dollars; the outer two are rings, so that 8 of 10 are filled."""
    if not estimate.main.whole or estimate.chance < RARE:
        return Picture(estimate.sentence)
    axis, places = _dollars((estimate.high, *estimate.dots), room=0), list[tuple[float, float]]()
    for number, net in enumerate(estimate.dots):
        below = sum(abs(net - other) * PLOT < 22 * axis.high for other in estimate.dots[:number])
        places.append((net, -12 - 22 * below))
    rows = Axis(0, min(y for _, y in places) - 12)
    drawn = ((places[:1], "ring"), (places[1:9], "dot"), (places[9:], "ring"))
    marks = [Points("", INK, some, symbol, width=20) for some, symbol in drawn]
    spoken = f"Ten dots, each as likely as the next where all visits take place. {estimate.sentence}"
    return Picture(estimate.sentence, marks, (), axis, rows, spoken)


DRAWN: dict[type, Callable[[Any], Picture]] = {
    Answer: lambda answer: _charge(finding(answer.totals), parts_of_charge(answer.totals)),
    Calendar: _calendar,
    Comparison: _comparison,
    Start: _starts,
    Route: _routes,
    Outlook: _tree,
    ElectionAdvice: _election,
    Estimate: _ten_dots,
    CohortTable: by_group,
}
"""What can be drawn, and how: starts and routes as a tuple of them."""


def picture(result: object) -> Picture:
    """What the picture of a result shows. Raises KetacostError for what has no picture."""
    if isinstance(result, Picture):
        return result
    kinds = {type(entry) for entry in result} if isinstance(result, list | tuple) else {type(result)}
    describe = DRAWN.get(*kinds) if len(kinds) == 1 else None
    if describe is None:
        known = "an answer, calendar, comparison, starts, alternatives, an outlook, FSA advice, an estimate or a cohort"
        raise KetacostError(f"a chart shows {known}, got {type(result).__name__}")
    return describe(result)


def tag(name: str, inside: str = "", /, **attributes: object) -> str:
    """An element of SVG or HTML. Attributes with None are left out; `class_` is a class, `data_why` a data-why."""
    written = ""
    for key, value in attributes.items():
        text = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else escape(str(value))
        written += f' {key.rstrip("_").replace("_", "-")}="{text}"' if value is not None else ""
    return f"<{name}{written}>{inside}</{name}>"


def chart_svg(result: object, *, titled: bool = False, kind: str = "keta-picture", wide: int = NARROW) -> str:
    """A result's picture as SVG, under its finding if `titled`; "" where nothing shows. Raises as `picture` does."""
    shows = picture(result)
    if not (shows.marks or shows.notes or titled):
        return ""
    lines = wrap(shows.title, 50 * wide // NARROW) if titled else []
    drawn = [tag("text", escape(line), x=0, y=ROW * row - 3, font_weight=700) for row, line in enumerate(lines, 1)]
    legend, top = _legend([mark for mark in shows.marks if mark.name], ROW * len(lines), wide)
    left = EDGE + max((LETTER * len(label) for _, label in shows.y.ticks), default=0)
    bottom = top + (HIGH if shows.y.unit else shows.y.low - shows.y.high)
    x, y = shows.x.scale(left, wide - EDGE), shows.y.scale(bottom, top)
    drawn += [*legend, *_grid(shows, x, y, wide)]
    drawn += [shape for mark in shows.marks for shape in _shapes(mark, x, y)]
    drawn += [words for note in shows.notes for words in _words(note, x, y, wide)]
    high = bottom + ROW * (bool(shows.x.ticks) + bool(shows.x.title)) + 4
    head = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {wide} {high:.0f}", "role": "img"}
    label = {"aria_label": shows.spoken or shows.title, "class_": f"{kind} tex2jax_ignore mathjax_ignore"}
    style = {"style": f"max-width:{wide + 80}px", "font_family": "system-ui, sans-serif", "font_size": 13, "fill": INK}
    return tag("svg", "".join(drawn), **head, **label, **style)


def _legend(marks: Iterable[Mark], top: float, wide: int) -> tuple[list[str], float]:
    """Each name beside a piece of what it names, in lines below `top`, and where the plot begins."""
    parts, x, y = list[str](), 0.0, top + ROW
    for mark in marks:
        width = 42 + LETTER * len(mark.name)
        if x and x + width > wide:
            x, y = 0.0, y + ROW
        if isinstance(mark, Bars):
            parts.append(tag("rect", x=x + 6, y=y - 12, width=14, height=12, **_paint(mark)))
        elif mark.drawn == "dot":
            parts.append(tag("circle", cx=x + 13, cy=y - 5, r=6, fill=mark.color))
        else:
            parts.append(tag("line", x1=x, y1=y - 5, x2=x + 24, y2=y - 5, **_paint(mark)))
        parts.append(tag("text", escape(mark.name), x=x + 29, y=y))
        x += width
    return parts, y + 8 if parts else top


def _paint(mark: Mark) -> dict[str, object]:
    """How a mark and its piece in the legend are drawn."""
    if isinstance(mark, Points):
        line = {"fill": "none", "stroke": mark.color, "stroke_width": mark.width}
        return {**line, "stroke_dasharray": DASHES[mark.dash]}
    edge = {"stroke": mark.color, "stroke_width": 1.5, "stroke_dasharray": "4 3"}
    return {"fill": mark.color, "fill_opacity": 0.25, **edge} if mark.hatched else {"fill": mark.color}


def _grid(picture: Picture, x: Scale, y: Scale, wide: int) -> Iterator[str]:
    """A line across for each tick at the left, a short one for each below, the labels, and the title below."""
    left, right, bottom = x(picture.x.low), x(picture.x.high), y(picture.y.low)
    for tick, label in picture.y.ticks:
        if picture.y.unit:
            yield tag("line", x1=left, y1=y(tick), x2=right, y2=y(tick), stroke=GRID if tick else MUTED)
        yield tag("text", escape(label), x=left - 6, y=y(tick) + 5, text_anchor="end")
    for tick, label in picture.x.ticks:
        half = LETTER * len(label) / 2
        yield tag("line", x1=x(tick), y1=bottom, x2=x(tick), y2=bottom + 4, stroke=MUTED)
        yield tag("text", escape(label), x=max(half, min(x(tick), wide - half)), y=bottom + ROW, text_anchor="middle")
    if picture.x.title:
        place = {"x": (left + right) / 2, "y": bottom + 2 * ROW, "text_anchor": "middle"}
        yield tag("text", escape(picture.x.title), **place, fill=MUTED)


def _shapes(mark: Mark, x: Scale, y: Scale) -> Iterator[str]:
    """A mark as shapes; a bar of nothing is left out."""
    if isinstance(mark, Bars):
        for bar in (bar for bar in mark.bars if bar.x0 != bar.x1 and bar.y0 != bar.y1):
            left, top = x(bar.x0), min(y(bar.y0), y(bar.y1))
            size = {"width": max(x(bar.x1) - left, 1.5), "height": abs(y(bar.y1) - y(bar.y0))}
            yield tag("rect", tag("title", escape(bar.hover)), x=left, y=top, **size, **_paint(mark))
            fill = INK if mark.color in (PALE, *SHADES[:3]) else "#fff"
            for row, line in enumerate(bar.lines(size["width"]), 1):
                yield tag("text", escape(line), x=left + 5, y=top + 15 * row, fill=fill)
    elif mark.drawn in SYMBOLS:
        ink = {"stroke": mark.color, "stroke_width": 2, "fill": "none" if mark.drawn == "ring" else mark.color}
        for across, up in ((x(across), y(up)) for across, up in mark.points):
            if mark.drawn == "tick":
                yield tag("line", x1=across, y1=up - mark.width / 2, x2=across, y2=up + mark.width / 2, **ink)
            else:
                yield tag("circle", cx=across, cy=up, r=mark.width / 2 - 1, **ink)
    else:
        join = "H{:.1f}V{:.1f}" if mark.drawn == "steps" else "L{:.1f} {:.1f}"
        first, *rest = mark.points
        path = "".join(join.format(x(across), y(up)) for across, up in rest)
        yield tag("path", d=f"M{x(first[0]):.1f} {y(first[1]):.1f}{path}", **_paint(mark))


def _words(note: Note, x: Scale, y: Scale, wide: int) -> Iterator[str]:
    """A note on a pale edge, so that it can be read over anything, turned to the side that has room."""
    at_left = x(note.x) <= wide / 2
    place = {"x": x(note.x) + (note.aside if at_left else -note.aside), "y": y(note.y) + note.down}
    words = {"text_anchor": "start" if at_left else "end", "font_weight": None if note.text else 650}
    strong = tag("tspan", escape(note.strong), font_weight=650) if note.text and note.strong else escape(note.strong)
    inside = strong + escape(note.text)
    yield tag("text", inside, **place, **words, stroke="#fff", stroke_width=4, aria_hidden="true")
    yield tag("text", inside, **place, **words)


NAME = "ketacost"
TEMPLATE = {
    "font": {"family": "system-ui, sans-serif", "size": 13, "color": INK},
    "title": {"x": 0, "xanchor": "left", "yanchor": "top", "font": {"size": 15}},
    "barmode": "overlay",
    "showlegend": True,
    "xaxis": {"showgrid": False, "ticks": "outside", "tickangle": 0, "title": {"font": {"size": 13}, "standoff": 4}},
    "yaxis": {"gridcolor": GRID, "zerolinecolor": MUTED, "automargin": True},
    "legend": {"orientation": "h", "x": 0, "yanchor": "top"},
}
INSIDE = {"textangle": 0, "textposition": "inside", "insidetextanchor": "middle"}
"""The one look of our figures, also under its name among plotly's templates; and that of words inside a bar."""


def chart(result: object) -> go.Figure:
    """Draw a result as a plotly figure, by its type: chart(calendar(run(scenario))).

    Takes what `run`, `calendar`, `compare`, `starts`, `alternatives`, `outlook`, `advise_fsa` or `estimate` returns.
    Raises KetacostError for anything else. A notebook also keeps the SVG and the table, for pages and print.
    """
    import plotly.graph_objects as go
    from plotly.io import templates

    if NAME not in templates:
        templates[NAME] = go.layout.Template(layout=TEMPLATE)
    shows = picture(result)
    x, y, lines, names = shows.x, shows.y, wrap(shows.title, 44), sum(bool(mark.name) for mark in shows.marks)
    above, below = 30 + 21 * len(lines), 40 + 24 * names + 20 * bool(x.title)
    height = above + below + 1.2 * (HIGH if y.unit else y.low - y.high)
    layout = {
        "template": {"layout": TEMPLATE},
        "title": {"text": "<br>".join(map(_label, lines)), "y": 1 - 20 / height},
        "annotations": [_annotation(note, x, y) for note in shows.notes],
        "xaxis": _plotly_axis(x),
        "yaxis": _plotly_axis(y),
        "legend": {"y": -(20 + 20 * bool(x.ticks) + 20 * bool(x.title)) / (height - above - below)},
        "margin": {"l": 10, "r": 20, "t": above, "b": below},
        "height": height,
    }
    figure = go.Figure([_trace(mark, x, y) for mark in shows.marks], layout)
    table = statement(result.totals if isinstance(result, Answer) else result)
    still = {"image/svg+xml": chart_svg(shows), "text/html": table._repr_html_()}

    def show() -> None:
        from IPython.display import display

        display({**figure._repr_mimebundle_(), **still}, raw=True)  # type: ignore[no-untyped-call]

    figure._ipython_display_ = show
    return figure


def _label(text: str) -> str:
    """Plain text in a figure: nothing of it is markup, and two dollar signs are not read as mathematics."""
    return escape(text).replace("$", "&#36;")


def _values(axis: Axis, values: Iterable[float]) -> list[Any]:
    """Places on an axis as plotly takes them: dollars, ISO days, or the numbers themselves."""
    if axis.unit == "days":
        return [date.fromordinal(int(value)).isoformat() for value in values]
    return [round(value / 100, 2) if axis.unit else round(value, 4) for value in values]


def _trace(mark: Mark, x: Axis, y: Axis) -> dict[str, Any]:
    """A mark as a plotly trace: a bar begins at its left edge; its width is in the units of its axis."""
    trace: dict[str, Any] = {"name": mark.name, "showlegend": bool(mark.name)}
    if isinstance(mark, Points):
        across, up = zip(*mark.points, strict=True)
        trace |= {"type": "scatter", "x": _values(x, across), "y": _values(y, up), "cliponaxis": False}
        place = "%{x|%b %d, %Y}" if x.unit == "days" else "%{x:$,.0f}"
        trace["hovertemplate"] = f"{place}: %{{y:$,.2f}}" if y.unit else "%{x:$,.2f}<extra></extra>"
        if mark.drawn in SYMBOLS:
            marker = {"symbol": SYMBOLS[mark.drawn], "size": mark.width, "color": mark.color, "line": {"width": 2}}
            return trace | {"mode": "markers", "marker": marker}
        line = {"color": mark.color, "dash": mark.dash, "width": mark.width}
        return trace | {"mode": "lines", "line": line | {"shape": "hv" if mark.drawn == "steps" else "linear"}}
    widths, unit = [bar.x1 - bar.x0 for bar in mark.bars], PLOT / (x.high - x.low)
    return trace | {
        "type": "bar",
        "x": _values(x, (bar.x0 for bar in mark.bars)),
        "offset": 0,
        "width": [86_400_000 * width for width in widths] if x.unit == "days" else _values(x, widths),
        "base": _values(y, (bar.y0 for bar in mark.bars)),
        "y": _values(y, (bar.y1 - bar.y0 for bar in mark.bars)),
        "marker": {"color": mark.color, "pattern": {"shape": "/" if mark.hatched else ""}},
        "text": [
            "<br>".join(map(_label, bar.lines(unit * width))) for bar, width in zip(mark.bars, widths, strict=True)
        ],
        **INSIDE,
        "hovertext": [_label(bar.hover) for bar in mark.bars],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _annotation(note: Note, x: Axis, y: Axis) -> dict[str, Any]:
    """A note as a plotly annotation."""
    at_left = 2 * note.x <= x.low + x.high
    text = (f"<b>{_label(note.strong)}</b>" if note.strong else "") + _label(note.text)
    aside, side = (note.aside, "left") if at_left else (-note.aside, "right")
    place = {"x": _values(x, [note.x])[0], "y": _values(y, [note.y])[0], "xanchor": side, "yanchor": "bottom"}
    return {"text": text, "showarrow": False, **place, "xshift": aside, "yshift": -note.down - 5}


def _plotly_axis(axis: Axis) -> dict[str, Any]:
    """An axis as plotly's: dollars and days with ticks that follow a zoom, others with their own."""
    layout = {"title": {"text": axis.title}, "range": _values(axis, (axis.low, axis.high))}
    if axis.unit and axis.ticks:
        return layout | {"tickformat": "%b<br>%Y" if axis.unit == "days" else "$,", "nticks": 6}
    values = _values(axis, (tick for tick, _ in axis.ticks))
    labels = [label for _, label in axis.ticks]
    return layout | {"tickvals": values, "ticktext": labels, "zeroline": False, "showgrid": False}
