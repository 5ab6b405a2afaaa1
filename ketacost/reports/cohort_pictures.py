"""Pictures of a cohort by group: states as tiles of a map, other groups as bars side by side."""

from __future__ import annotations

from ketacost.analysis.populations import CohortTable as CohortTable
from ketacost.core.money import about
from ketacost.reports.pictures import HUES, Axis, Bar, Bars, Picture, ticks

MAP = """
AK..................ME
..................VTNH
WAIDMTNDMNILWIMINYRIMA
ORNVWYSDIAINOHPANJCT..
CAUTCONEMOKYWVVAMDDE..
..AZNMKSARTNNCSCDC....
......OKLAMSALGA......
HI....TX........FL....
"""
"""Where each state's tile is: two letters a column, a row a line; a map that needs no network and no borders."""

TILE = 46
SHADES = ("#deebf2", "#b5d3e3", "#84b4cf", "#3a7ba0", "#1d5577")
"""From the least to the most, or from the smallest change to the largest; words are dark on the first three."""

BAR, GAP = 20, 14


def by_group(table: CohortTable) -> Picture:
    """A map of tiles where the groups are states, else bars: what a patient owes under each lever."""
    return _tiles(table) if table.by == "state" else _bars(table)


def _tiles(table: CohortTable) -> Picture:
    """Each state's mean in five shades of as many states each; with levers, the change from the first to the last.

    The darker, the more: of a change that takes off on average, the more it takes off.
    """
    change = len(table.levers) > 1
    found = {one.group: one.owed[-1] - one.owed[0] if change else one.owed[0] for one in table.groups}
    falls = change and table.whole.owed[-1] < table.whole.owed[0]
    ranked = sorted(found, key=lambda state: found[state], reverse=falls)
    shade = {state: place * len(SHADES) // len(ranked) for place, state in enumerate(ranked)}
    marks = []

    def tile(state: str) -> Bar:
        left, top = (TILE * place for place in PLACES[state])
        words = f"{state}: {about(found[state])}"
        return Bar(left + 1, left + TILE - 1, top + 1, top + TILE - 1, words, (state,))

    for number, color in enumerate(SHADES):
        mine = [state for state in ranked if shade[state] == number]
        if mine:
            name = f"{about(found[mine[0]])} to {about(found[mine[-1]])}"
            marks.append(Bars(name, color, [tile(state) for state in mine if state in PLACES]))
    what = f"{table.levers[-1]} less {table.levers[0]}" if change else table.levers[0]
    title = f"{'Change in what' if change else 'What'} a patient owes on average, by state ({what})"
    x, y = Axis(0, TILE * max(across for across, _ in PLACES.values()) + TILE), Axis(TILE * len(ROWS), 0)
    spoken = f"{title}: {', '.join(f'{state} {about(found[state])}' for state in sorted(found))}."
    return Picture(title, marks, (), x, y, spoken)


def _bars(table: CohortTable) -> Picture:
    """A bar a lever for each group, from nothing to what a patient owes."""
    high = max((cents for one in (*table.groups, table.whole) for cents in one.owed), default=1)
    step = BAR * len(table.levers) + GAP
    marks = []
    for number, lever in enumerate(table.levers):
        bars = []
        for place, one in enumerate(table.groups):
            top, words = step * place + BAR * number, about(one.owed[number])
            bars.append(Bar(0, one.owed[number], top, top + BAR - 2, f"{one.group}, {lever}: {words}", (words,)))
        marks.append(Bars(lever, HUES[number % len(HUES)], bars))
    labels = tuple((step * place + step / 2, one.group) for place, one in enumerate(table.groups))
    x = Axis(0, round(high * 1.05), tuple((tick, about(tick)) for tick in ticks(0, high)), "dollars")
    return Picture(table.headline, marks, (), x, Axis(step * len(table.groups), 0, labels))


ROWS = [line for line in MAP.splitlines() if line]
PLACES = {
    row[at : at + 2]: (at // 2, down)
    for down, row in enumerate(ROWS)
    for at in range(0, len(row), 2)
    if row[at : at + 2] != ".."
}
