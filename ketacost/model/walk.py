"""One walk: a line moves the state of a plan year. The same source is plain Python for one patient, compiled for many.

Everything is ints: cents, basis points, days, and places in flat tables (lists, or arrays where it is compiled). A plan
year's state holds what is left of the family, then of each person: three amounts a network and a group of benefits
(deductible, out-of-pocket limit, coinsurance limit), then visits with the day of the last one, copays taken on a day
with that day, and shares with a least or a most: due before those, and taken, on a day.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import NamedTuple

from ketacost.model.cost_sharing import NO_BOUNDS, UNLIMITED, Left, Split, Terms, split

State = MutableSequence[int]
NOTHING = Split(0, 0, 0, 0, 0, 0)


class Sharing(NamedTuple):
    """How a plan shares the cost of a benefit in a network: counts of visits, and places in the state and the tables.

    `group_at` is where the three amounts of a group of benefits are, 0 where the benefit is in none.
    `visits_at` is 0 where visits are not counted, `share_at` where the share of a visit has neither a least nor a most.
    `terms` is the first of its rows of terms: the usual ones, then those with a balance bill; from `first_terms` on
    those of the first visits. In the table of reach the places of the deductibles that a line moves begin at
    `deductibles`, then those of the limits and of the coinsurance limits.
    """

    at: int
    group_at: int
    deductible_inside: int
    limit_inside: int
    visits_at: int
    copay_at: int
    share_at: int
    most_visits: int
    first_visits: int
    terms: int
    first_terms: int
    deductible_applies: int
    deductible_applies_first: int
    deductibles: int
    limits: int
    coinsurance_limits: int
    reach_end: int
    carried_at: int


def visit(state: State, mine: int, today: int, sharing: Sharing, covered: int) -> int:
    """Which visit of the plan year a line belongs to, counted; 0 where the plan does not cover it.

    The lines of one day are one visit, also those of $0. `mine` is where the person's part of the state begins.
    """
    if not sharing.visits_at:
        return min(covered, sharing.most_visits)
    at = mine + sharing.visits_at
    number = state[at] + (state[at + 1] != today)
    if not covered or number > sharing.most_visits:
        return 0
    state[at] = number
    state[at + 1] = today
    return number


def price(
    state: State,
    mine: int,
    family: int,
    today: int,
    sharing: Sharing,
    terms: Sequence[Terms],
    reach: Sequence[int],
    number: int,
    charge: int,
    allowed: int,
    may_bill: int,
    helped: int,
    late: int,
) -> tuple[Split, Left, int]:
    """Split a covered charge by its terms and what is left, and count it; with what was left and its row of terms.

    `family` is 0 where the plan is one person's. `helped` is what a manufacturer's help pays of the patient's part, at
    most: it counts like their own money, but under some variants.
    `late` is true where what fills the deductible carries over to the next plan year.
    """
    row, applies = sharing.terms, sharing.deductible_applies
    if number <= sharing.first_visits:
        row, applies = sharing.first_terms, sharing.deductible_applies_first
    row += may_bill
    due = terms[row]
    copay_at = mine + sharing.copay_at
    if state[copay_at + 1] != today:  # a copay is taken once a visit
        state[copay_at] = 0
        state[copay_at + 1] = today
    left = what_is_left(state, mine, family, sharing, applies, state[copay_at])
    if due.unusual_share and sharing.share_at:
        left = bounded_share(state, mine + sharing.share_at, today, due, left, charge, allowed)
    parts = split(charge, allowed, 1, due, left)
    state[copay_at] += parts.copay
    if sharing.share_at:
        state[mine + sharing.share_at + 1] += parts.coinsurance
    filled, counted, coinsurance = moves(due, parts, helped)
    if filled and late:
        carry(state, mine, family, reach, sharing, filled)
    count_all(state, mine, family, reach, sharing, filled, counted, coinsurance)
    return parts, left, row


def bounded_share(state: State, at: int, today: int, due: Terms, left: Left, charge: int, allowed: int) -> Left:
    """What is left, with the share due where a visit has a least or a most: of all its lines, less what they took."""
    if state[at + 2] != today:
        state[at], state[at + 1], state[at + 2] = 0, 0, today
    unbounded = Left(left.deductible, UNLIMITED, UNLIMITED, left.copay_taken, NO_BOUNDS)
    state[at] += split(charge, allowed, 1, due, unbounded).coinsurance
    share = min(max(state[at], due.coinsurance_least), due.coinsurance_most) - state[at + 1]
    return Left(left.deductible, left.limit, left.coinsurance, left.copay_taken, max(share, 0))


def refused(charge: int, provider_bears: int, terms: Terms) -> Split:
    """A charge that the plan does not cover: the patient's by the rule, or the clinic's where it bears it."""
    parts = split(charge, 0, 0, terms, Left(0, 0, 0, 0))
    return Split(0, charge, 0, 0, 0, 0) if provider_bears else parts


def left_at(state: State, mine: int, family: int, at: int, applies: int, copay: int) -> Left:
    """What is left of the three amounts at a place for one person: the least of their own and the family's."""
    deductible, limit, coinsurance = state[mine + at], state[mine + at + 1], state[mine + at + 2]
    if family:
        deductible, limit = min(deductible, state[at]), min(limit, state[at + 1])
        coinsurance = min(coinsurance, state[at + 2])
    return Left(deductible if applies else 0, limit, coinsurance, copay, NO_BOUNDS)


def left_of_group(state: State, mine: int, family: int, sharing: Sharing, left: Left, applies: int) -> Left:
    """What is left for a benefit of a group: of the group's own amounts, and of the network's where they are inside."""
    own = left_at(state, mine, family, sharing.group_at, applies, left.copay_taken)
    deductible = min(own.deductible, left.deductible) if sharing.deductible_inside else own.deductible
    limit = min(own.limit, left.limit) if sharing.limit_inside else own.limit
    return Left(deductible, limit, left.coinsurance, left.copay_taken, NO_BOUNDS)


def what_is_left(state: State, mine: int, family: int, sharing: Sharing, applies: int, copay: int) -> Left:
    """What is left for a benefit in a network, for one person."""
    left = left_at(state, mine, family, sharing.at, applies, copay)
    return left_of_group(state, mine, family, sharing, left, applies) if sharing.group_at else left


def count_all(
    state: State,
    mine: int,
    family: int,
    reach: Sequence[int],
    sharing: Sharing,
    filled: int,
    counted: int,
    coinsurance: int,
) -> None:
    """Count what lines add to deductibles, out-of-pocket limits and coinsurance limits."""
    if filled:
        count(state, mine, family, reach, sharing.deductibles, sharing.limits, filled)
    if counted:
        count(state, mine, family, reach, sharing.limits, sharing.coinsurance_limits, counted)
    if coinsurance:
        count(state, mine, family, reach, sharing.coinsurance_limits, sharing.reach_end, coinsurance)


def count(state: State, mine: int, family: int, reach: Sequence[int], begin: int, end: int, amount: int) -> None:
    """Count an amount to a part of the places in reach; in other networks too where a plan says so.

    Nothing is ever counted past its top.
    """
    for at in range(begin, end):
        place = reach[at]
        counted = min(amount, state[mine + place])
        state[mine + place] -= counted
        if family:  # no one fills the family's amount with more than their own
            state[place] -= min(counted, state[place])


def carry(state: State, mine: int, family: int, reach: Sequence[int], sharing: Sharing, amount: int) -> None:
    """Note what an amount that is about to be counted will add to each deductible, for the next plan year."""
    for at in range(sharing.deductibles, sharing.limits):
        place, noted = reach[at], sharing.carried_at + reach[at] // 3
        counted = min(amount, state[mine + place])
        state[mine + noted] += counted
        if family:
            state[noted] += min(counted, state[place])


def moves(terms: Terms, parts: Split, helped: int) -> tuple[int, int, int]:
    """What a line adds to the deductible, the out-of-pocket limit and the coinsurance limit, whoever helped to pay."""
    filled = parts.deductible + parts.copay * terms.copay_fills_deductible
    counted = (
        parts.deductible * terms.deductible_counts
        + parts.copay * terms.copay_counts
        + parts.coinsurance * terms.coinsurance_counts
    )
    return filled, counted, parts.coinsurance


class Columns(NamedTuple):
    """Lines of many contracts, one entry a line: sorted by contract and day, the lines of a day in their order.

    `contract` numbers the contracts, `day` is an ordinal, `place` is where `Rows.sharing` has the network and benefit,
    `allowed` is -1 where it is not known. Flags are 0 or 1.
    """

    contract: Sequence[int]
    day: Sequence[int]
    member: Sequence[int]
    place: Sequence[int]
    charge: Sequence[int]
    allowed: Sequence[int]
    covered: Sequence[int]
    may_bill: Sequence[int]
    provider_bears: Sequence[int]
    helped: Sequence[int]


class Rows(NamedTuple):
    """The tables of many plans, one after the other, and how each version of a contract's plan begins.

    A contract has `versions` places, one for each version that a plan may have. By version: `starts` (on which of the
    days its plan years begin), `family` (0 or 1), `fresh` (the first of two blocks of `size` ints in `blocks`: what the
    family, and what a person begins a plan year with), `names` (how many networks and groups it has), `months` of a
    deductible, `carryover` (see `Tables`). What it takes of the version before: `credit` (1: what was used, 2: what
    carries over), if that one's plan year was `before`; the month it starts in is `first_month`.
    Where amounts were used before, `used` is the first block of the family and then of its members in order, else 0;
    they hold for the plan year of the month `used_month`, and no line of it may be before the day `as_of`. `month_of`
    gives the month, counted from year 0 of plan years, for each start of a year and a day from `first_day` on, `days`
    of them.
    """

    versions: int
    starts: Sequence[int]
    family: Sequence[int]
    fresh: Sequence[int]
    names: Sequence[int]
    months: Sequence[int]
    carryover: Sequence[int]
    credit: Sequence[int]
    before: Sequence[int]
    first_month: Sequence[int]
    used: Sequence[int]
    used_members: Sequence[int]
    used_month: Sequence[int]
    as_of: Sequence[int]
    blocks: Sequence[int]
    size: int
    month_of: Sequence[int]
    first_day: int
    days: int
    sharing: Sequence[int]
    sharings: Sequence[Sharing]
    gaps: Sequence[int]
    terms: Sequence[Terms]
    reach: Sequence[int]


def walk_columns(lines: Columns, rows: Rows, state: State, begun: State, parts: State, begin: int, end: int) -> int:
    """Walk the lines from `begin` up to `end`, which start and end a contract; with the first that cannot be split.

    That is `end` where all could be. `state` has room for the family and every member, in blocks of `rows.size`;
    `begun` has a 0 for every member. `parts` takes seven ints a line, column by column: the six of the split, and
    whether the plan covers it.
    """
    size, length, blocks = rows.size, len(lines.day), rows.blocks
    version, epoch = -1, 0
    for i in range(begin, end):
        day = lines.day[i]
        if lines.contract[i] != version:
            last, version = version, lines.contract[i]
            if last // rows.versions != version // rows.versions:
                last, month, used = version, -1, 0  # another contract
            for step in range(last + 1, version + 1):
                begin_all(state, begun, blocks, size, epoch, used, rows.used_members[step - 1])
                credit = rows.credit[step] if month // 12 == rows.before[step] else 0
                month, used = rows.first_month[step], 0
                if month // 12 == rows.used_month[step] // 12:
                    month, used, credit = rows.used_month[step], rows.used[step], 0  # its lines begin after that day
                old, new, names = rows.fresh[step - 1], rows.fresh[step], rows.names[step]
                both = rows.family[step] * (2 - rows.family[step - 1])
                carryover, whole = rows.carryover[step - 1], rows.months[step - 1] == 12
                epoch = begin_year(
                    state, begun, blocks, size, epoch, old, new, used, names, credit, carryover, whole, both
                )
        this_month = rows.month_of[rows.starts[version] * rows.days + day - rows.first_day]
        if this_month != month:
            new, names, carryover = rows.fresh[version], rows.names[version], rows.carryover[version]
            if this_month // 12 != month // 12:
                told = this_month // 12 == rows.used_month[version] // 12
                used = rows.used[version] if told else 0
                credit = 2 if carryover and not told and this_month // 12 == month // 12 + 1 else 0
                epoch = begin_year(state, begun, blocks, size, epoch, new, new, used, names, credit, carryover, 1, 1)
                month = rows.used_month[version] if told else this_month
            if this_month // rows.months[version] != month // rows.months[version]:
                begin_all(state, begun, blocks, size, epoch, used, rows.used_members[version])
                renew_deductibles(state, begun, blocks, size, epoch, new, names)
            month = this_month
        late = rows.carryover[version] != 0 and month % 12 >= 9
        member = lines.member[i]
        mine = (member + 1) * size
        if begun[member] != epoch:
            begun[member] = epoch
            known = used and member < rows.used_members[version]
            renew(state, mine, blocks, used + 1 + member if known else rows.fresh[version] + 1, size)
        row = rows.sharing[lines.place[i]]
        if not row or (used and day < rows.as_of[version]):
            return i
        number = visit(state, mine, day, rows.sharings[row], lines.covered[i])
        charge, allowed = lines.charge[i], lines.allowed[i]
        taken = NOTHING
        if not number:
            taken = refused(charge, lines.provider_bears[i], rows.terms[0])
        elif charge:
            if rows.gaps[row] or allowed < 0:
                return i
            sharing, family = rows.sharings[row], rows.family[version]
            bill, help = lines.may_bill[i], lines.helped[i]
            taken, _, _ = price(
                state, mine, family, day, sharing, rows.terms, rows.reach, number, charge, allowed, bill, help, late
            )
        parts[i] = taken.balance_bill
        parts[length + i] = taken.write_off
        parts[2 * length + i] = taken.copay
        parts[3 * length + i] = taken.deductible
        parts[4 * length + i] = taken.coinsurance
        parts[5 * length + i] = taken.plan_pays
        parts[6 * length + i] = number > 0
    return end


def begin_all(
    state: State, begun: State, blocks: Sequence[int], size: int, epoch: int, used: int, used_members: int
) -> None:
    """Begin the parts of all who have used something before; others begin with their first line of a plan year."""
    for member in range(used_members if used else 0):
        if begun[member] != epoch:
            begun[member] = epoch
            renew(state, (member + 1) * size, blocks, used + 1 + member, size)


def begin_year(
    state: State,
    begun: State,
    blocks: Sequence[int],
    size: int,
    epoch: int,
    old: int,
    new: int,
    used: int,
    names: int,
    credit: int,
    carryover: int,
    whole_year: int,
    family: int,
) -> int:
    """Begin the plan year after that of `epoch`, maybe of another version: with nothing used, or what the insurer says.

    Or with credit: 1 for what was used, 2 for what carries over. `old` and `new` are the first of the blocks that plan
    years begin with. `family` is 1 where both have a family, 2 where it begins. Gives the plan year's number.
    """
    if not credit or family != 1:
        renew(state, 0, blocks, used if used else new, size)
    for part in range(len(begun) + 1 if credit else 0):  # the family's, then each person's
        block, at = (1, part * size) if part else (0, 0)
        if part and begun[part - 1] != epoch:
            continue
        if part:
            begun[part - 1] = epoch + 1
        elif family != 1:
            continue
        if credit == 1:
            count_used(state, at, family == 2, blocks, old + block, new + block, size, names, whole_year)
        else:
            carry_over(state, at, blocks, new + block, size, names, carryover)
    return epoch + 1


def renew_deductibles(
    state: State, begun: State, blocks: Sequence[int], size: int, epoch: int, new: int, names: int
) -> None:
    """Begin the deductibles anew within the plan year, of the family and of each person."""
    for name in range(names):
        k = 3 * name
        state[k] = blocks[new * size + k]
        for member in range(len(begun)):
            if begun[member] == epoch:
                state[(member + 1) * size + k] = blocks[(new + 1) * size + k]


def count_used(
    state: State,
    at: int,
    begins: int,
    blocks: Sequence[int],
    old: int,
    new: int,
    size: int,
    names: int,
    whole_year: int,
) -> None:
    """Count in a new version what was used of the old one, and for a family that begins its members'."""
    for name in range(names):
        for kind in range(3):
            k = 3 * name + kind
            used = blocks[old * size + k] - state[at + k] if whole_year or kind else 0
            top = blocks[new * size + k]
            used = min(used, top)
            state[at + k] = top - used
            if begins:
                state[k] -= min(used, state[k])


def carry_over(state: State, at: int, blocks: Sequence[int], block: int, size: int, names: int, carryover: int) -> None:
    """Begin a part of the state anew, its deductibles with what the year before carries over."""
    for k in range(names):
        if carryover == 2 and not state[at + 3 * k]:
            state[at + 3 * names + k] = 0
        state[at + 3 * k] = max(blocks[block * size + 3 * k] - state[at + 3 * names + k], 0)
    for k in range(size):
        if k >= 3 * names or k % 3:
            state[at + k] = blocks[block * size + k]


def renew(state: State, place: int, blocks: Sequence[int], block: int, size: int) -> None:
    """Begin a part of the state anew, from a block of the tables."""
    for k in range(size):
        state[place + k] = blocks[block * size + k]
