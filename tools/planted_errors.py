"""Do the tests bite? Plants one wrong rule at a time in a copy of the package and runs the tests on it.

    python tools/planted_errors.py            every planted error
    python tools/planted_errors.py copay      those whose words hold "copay"

Prints which test caught each. Ends with 1 where one survives, where a right line is not found exactly once, or where
the tests fail with nothing planted.
"""

import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("ketacost", "data", "tests", "conftest.py", "pyproject.toml")
WORKERS = 2
SECONDS = 900

# In the order most likely to catch, after those of the module itself: the examples first, the slowest last.
TESTS = (
    "worked_examples",
    *("model/test_plans_and_courses.py", "model/test_walk.py", "model/test_rules.py"),
    *("core/test_money.py", "core/test_convert.py"),
    *("model/test_plans_by_hand.py", "estimate/test_policies.py", "analysis/test_one_at_a_time.py"),
    *("estimate/test_worked_cases.py", "estimate/test_calendar.py", "estimate/test_account_effects.py"),
    *("estimate/test_outlook.py", "estimate/test_running.py", "analysis/test_start_dates.py"),
    *(
        "analysis/test_alternatives.py",
        "analysis/test_copay_assistance.py",
        "laws",
        "estimate/test_estimate.py",
        "estimate/test_unknowns.py",
    ),
    *("estimate/test_rows.py", "files/test_old_files.py", "estimate/test_eight_of_ten.py"),
    *("files/test_untrusted.py", "estimate/test_help_that_counts.py", "estimate/test_assumed_terms.py"),
    *(
        "estimate/test_hra.py",
        "estimate/test_monthly_fee.py",
        "estimate/test_calendar_sums.py",
        "estimate/test_any_entry.py",
    ),
    *("estimate/test_milestones.py", "estimate/test_other_plans.py", "model/test_coordination.py"),
    *("model/test_generated_bills.py", "estimate/test_plans_as_people_have_them.py"),
)

# Fewer examples, no search for smaller ones, and nothing that is known to fail.
PROFILE = """
import os
from hypothesis import Phase, settings
settings.register_profile("bite", derandomize=True, deadline=None, max_examples=25, phases=[Phase.generate])
settings.load_profile("bite")

def pytest_collection_modifyitems(items):
    items[:] = [item for item in items if not item.get_closest_marker("xfail")]
"""


class Planted(NamedTuple):
    """A wrong rule: the line of a file that is right, what stands there instead, and what that means."""

    file: str
    right: str
    wrong: str
    means: str


class Caught(NamedTuple):
    """Which test failed first, and after how long; nothing when the wrong rule survived."""

    by: str
    seconds: float


RULE = [
    Planted(
        "model/cost_sharing",
        "return Split(charge, 0, 0, 0, 0, 0)",
        "return Split(0, charge, 0, 0, 0, 0)",
        "a denied line is written off",
    ),
    Planted(
        "model/cost_sharing", "counted = min(charge, allowed)", "counted = charge", "the plan counts the whole charge"
    ),
    Planted(
        "model/cost_sharing",
        "billable = excess if terms.excess < 0 else min(excess, part_of(counted, terms.excess))",
        "billable = excess",
        "Medicare's limiting charge is forgotten",
    ),
    Planted(
        "model/cost_sharing",
        "billable = excess if terms.excess < 0 else min(excess, part_of(counted, terms.excess))",
        "billable = excess if terms.excess < 0 else min(excess, part_of(excess, terms.excess))",
        "the limiting charge is 15% of the excess, not of the fee",
    ),
    Planted(
        "model/cost_sharing",
        "copay_before = min(copay_due, rest) if terms.copay_first else 0",
        "copay_before = 0",
        "a copay that comes first is never taken",
    ),
    Planted("model/cost_sharing", "rest -= copay_before", "pass", "the deductible is taken of the copay's dollars too"),
    Planted(
        "model/cost_sharing",
        "filled = copay_before if terms.copay_fills_deductible else 0",
        "filled = 0",
        "a copay that counts to the deductible does not fill it on its own line",
    ),
    Planted(
        "model/cost_sharing",
        "deductible = min(rest, max(left.deductible - filled, 0))",
        "deductible = min(rest, left.deductible) if rest < left.deductible else 0",
        "the line that crosses the deductible does not pay the last of it",
    ),
    Planted("model/cost_sharing", "rest -= deductible", "pass", "coinsurance is taken of the deductible too"),
    Planted(
        "model/cost_sharing",
        "copay_after = 0 if terms.copay_first else min(copay_due, rest)",
        "copay_after = min(copay_due, rest)",
        "a copay before the deductible is taken again after it",
    ),
    Planted("model/cost_sharing", "rest -= copay_after", "pass", "coinsurance is taken of the copay too"),
    Planted(
        "model/cost_sharing",
        "base = rest + copay * terms.coinsurance_on_copay + deductible * terms.coinsurance_on_deductible",
        "base = rest",
        "coinsurance is never of the whole allowed amount",
    ),
    Planted(
        "model/cost_sharing",
        "base = rest + copay * terms.coinsurance_on_copay + deductible * terms.coinsurance_on_deductible",
        "base = counted",
        "coinsurance is always of the whole allowed amount",
    ),
    Planted(
        "model/cost_sharing",
        "coinsurance = min(share, rest, left.coinsurance)",
        "coinsurance = min(share, rest)",
        "the coinsurance maximum is forgotten",
    ),
    Planted(
        "model/cost_sharing",
        "share = part_of(rest, terms.coinsurance)",
        "share = rest - part_of(rest, 10_000 - terms.coinsurance)",
        "the plan's share is rounded first, and half a cent is the plan's",
    ),
    Planted(
        "model/cost_sharing",
        "base = rest + copay * terms.coinsurance_on_copay + deductible * terms.coinsurance_on_deductible",
        "base = rest + deductible * terms.coinsurance_on_deductible",
        "coinsurance of the allowed less the deductible is of what the copay leaves",
    ),
    Planted(
        "model/walk",
        "share = min(max(state[at], due.coinsurance_least), due.coinsurance_most) - state[at + 1]",
        "share = min(state[at], due.coinsurance_most) - state[at + 1]",
        "a share has no least",
    ),
    Planted(
        "model/walk",
        "share = min(max(state[at], due.coinsurance_least), due.coinsurance_most) - state[at + 1]",
        "share = max(state[at], due.coinsurance_least) - state[at + 1]",
        "a share has no most",
    ),
    Planted(
        "model/walk",
        "state[mine + sharing.share_at + 1] += parts.coinsurance",
        "pass",
        "each line of a visit has a least and a most of its own",
    ),
    Planted(
        "model/adjudication",
        "copay_at=places.copay_at(self.network, together[0] if name in together else name),",
        "copay_at=places.copay_at(self.network, name),",
        "two kinds of visit on one day take both copays",
    ),
    Planted(
        "model/cost_sharing",
        "counts = deductible * terms.deductible_counts + copay * terms.copay_counts + coinsurance * terms.coinsurance_counts",
        "counts = copay * terms.copay_counts + coinsurance * terms.coinsurance_counts",
        "the limit is held against copay and coinsurance alone",
    ),
    Planted(
        "model/cost_sharing",
        "counts = deductible * terms.deductible_counts + copay * terms.copay_counts + coinsurance * terms.coinsurance_counts",
        "counts = deductible + copay + coinsurance",
        "the limit is held against parts that it does not count",
    ),
    Planted(
        "model/cost_sharing",
        "cut = min(coinsurance * terms.coinsurance_counts, beyond)",
        "cut = 0",
        "the limit cuts the copay before the coinsurance",
    ),
    Planted(
        "model/cost_sharing",
        "cut = min(copay * terms.copay_counts, beyond)",
        "cut = 0",
        "the limit cuts the deductible before the copay",
    ),
    Planted(
        "model/cost_sharing",
        "deductible -= min(deductible * terms.deductible_counts, beyond)",
        "pass",
        "the limit never cuts the deductible",
    ),
    Planted(
        "model/cost_sharing", "if terms.excess_paid_by_plan:", "if False:", "the supplement does not pay the excess"
    ),
    Planted(
        "model/cost_sharing",
        "return Split(billable, excess - billable, copay, deductible, coinsurance, plan_pays)",
        "return Split(excess, 0, copay, deductible, coinsurance, plan_pays)",
        "in network too the difference is owed",
    ),
    Planted(
        "model/cost_sharing",
        "return self.balance_bill + self.copay + self.deductible + self.coinsurance",
        "return self.copay + self.deductible + self.coinsurance",
        "what you pay leaves the balance bill out",
    ),
]

MONEY = [
    Planted(
        "core/money",
        "return (amount * points + WHOLE // 2) // WHOLE",
        "return amount * points // WHOLE",
        "coinsurance is rounded down",
    ),
    Planted(
        "core/money",
        "return (amount * points + WHOLE // 2) // WHOLE",
        "return -(-amount * points // WHOLE)",
        "coinsurance is rounded up",
    ),
    Planted(
        "core/money",
        "return (amount * points + WHOLE // 2) // WHOLE",
        "return (amount * points + WHOLE // 2 - 1) // WHOLE",
        "half a cent is rounded down",
    ),
    Planted(
        "core/money",
        "return (amount * points + WHOLE // 2) // WHOLE",
        "return round(amount * points / WHOLE)",
        "half a cent is rounded to the even cent",
    ),
    Planted(
        "core/money",
        "return tuple(each + (1 if i < odd else 0) for i in range(parts))",
        "return tuple(each for i in range(parts))",
        "a package loses its odd cents",
    ),
    Planted(
        "core/money",
        "if dollars_written > Decimal(LARGEST) / 100:",
        "if False:",
        "ten million dollars and more come in",
    ),
    Planted("core/money", "if dollars_written < 0:", "if False:", "negative amounts come in"),
    Planted("core/money", "if dollars_written != whole:", "if False:", "fractions of a cent are cut off in silence"),
    Planted(
        "core/money", "points = value * (100 if in_percent else WHOLE)", "points = value * 100", "0.4 is read as 0.4%"
    ),
    Planted(
        "core/money",
        "return f\"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}\"",
        "return f\"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100}\"",
        "five cents are written as fifty",
    ),
]

ACCUMULATORS = [
    Planted(
        "model/walk",
        "deductible, limit = min(deductible, state[at]), min(limit, state[at + 1])",
        "deductible, limit = state[at], state[at + 1]",
        "in a family nobody stops at their own amount",
    ),
    Planted(
        "model/walk",
        "deductible, limit = min(deductible, state[at]), min(limit, state[at + 1])",
        "pass",
        "the family amounts stop nobody",
    ),
    Planted(
        "model/walk",
        "count(state, mine, family, reach, sharing.limits, sharing.coinsurance_limits, counted)",
        "pass",
        "the limit starts again with every line",
    ),
    Planted(
        "model/accumulators",
        'together = (plan.aggregate(side, "deductible"), plan.aggregate(side, "limit"), False)',
        'together = (False, plan.aggregate(side, "limit"), False)',
        "an aggregate deductible is treated as embedded",
    ),
    Planted(
        "model/accumulators",
        'together = (plan.aggregate(side, "deductible"), plan.aggregate(side, "limit"), False)',
        'together = (plan.aggregate(side, "deductible"), False, False)',
        "an aggregate limit is treated as embedded",
    ),
    Planted(
        "model/plans",
        'return self.family and (getattr(side, name) or getattr(self, name)) == "aggregate"',
        'return self.family and getattr(self, name) == "aggregate"',
        "every side has the plan's family kind",
    ),
    Planted(
        "model/walk",
        "deductible = min(own.deductible, left.deductible) if sharing.deductible_inside else own.deductible",
        "deductible = own.deductible",
        "a group's deductible is never inside the network's",
    ),
    Planted(
        "model/walk",
        "limit = min(own.limit, left.limit) if sharing.limit_inside else own.limit",
        "limit = min(own.limit, left.limit)",
        "a group's limit is always inside the network's",
    ),
    Planted(
        "model/accumulators",
        'return [at[f"{network}.{name}"] + kind] * own + [at[network] + kind] * inside',
        'return [at[f"{network}.{name}"] + kind] * own + [at[network] + kind]',
        "what fills a group's own deductible fills the medical one too",
    ),
    Planted(
        "model/accumulators",
        "return amount if isinstance(amount, int) else UNLIMITED",
        "return amount if isinstance(amount, int) and amount else UNLIMITED",
        "a deductible of zero is taken for none at all",
    ),
    Planted(
        "model/accumulators",
        "for kind, credits in enumerate((plan.deductible_credits, plan.limit_credits)):",
        "for kind, credits in enumerate(({}, {})):",
        "nothing counts on the other side",
    ),
    Planted(
        "model/accumulators",
        "for kind, credits in enumerate((plan.deductible_credits, plan.limit_credits)):",
        "for kind, credits in enumerate((plan.limit_credits, plan.deductible_credits)):",
        "what counts to the other deductible counts to the other limit instead",
    ),
    Planted(
        "model/accumulators",
        "for kind, credits in enumerate((plan.deductible_credits, plan.limit_credits)):",
        "for kind, credits in enumerate(({n: [m for m, o in plan.deductible_credits.items() if n in o] for n in at}, plan.limit_credits)):",
        "deductibles count to each other the wrong way round",
    ),
    Planted(
        "model/walk",
        "state[place] -= min(counted, state[place])",
        "state[place] -= min(amount, state[place])",
        "one person fills the family's deductible with more than their own",
    ),
    Planted(
        "model/accumulators",
        "self.state[place] = max(self.state[place] - amount, 0)",
        "self.state[place] = max(self.tables.family_tops[place] - amount, 0)",
        "the family has used what its last member has",
    ),
    Planted(
        "model/accumulators",
        "self.state[place] = max(self.state[place] - amount, 0)",
        "self.state[place] -= amount",
        "the family may have used more than its top",
    ),
    Planted(
        "model/accumulators",
        "self.state[who + place] = max(tops[place] - amount, 0)",
        "self.state[who + place] = tops[place] - amount",
        "what was used above the plan's amount is owed again",
    ),
    Planted(
        "model/accumulators",
        "if at is not None and amount > tops[place]:",
        "if False:",
        "more was used than there is, and nobody is told",
    ),
    Planted(
        "model/accumulators",
        "if member != PATIENT and not self.plan.family:",
        "if False:",
        "a plan for one person takes anybody's used amounts",
    ),
    Planted(
        "model/plans",
        "if counts and limit < deductible:",
        "if False:",
        "a limit may lie below the deductible that counts to it",
    ),
    Planted(
        "model/courses",
        'within("days of a pause", self.days, 0, MOST_DAYS, CourseError)',
        "pass",
        "a pause may run backward, or for ever",
    ),
    Planted(
        "model/courses",
        'within("visits in a package", self.count, 1, MOST_VISITS, CourseError)',
        "pass",
        "a package may hold any number of visits",
    ),
    Planted(
        "core/money",
        "if isinstance(number, int) and abs(number) < BEYOND:",
        "if isinstance(number, int):",
        "a number of any length is read",
    ),
    Planted(
        "model/accumulators",
        "return side.family_deductible, side.family_out_of_pocket_limit, coinsurance",
        "return side.family_deductible, side.family_out_of_pocket_limit, None",
        "the family's coinsurance maximum is forgotten",
    ),
    Planted(
        "model/accumulators",
        "self.state += self.tables.tops",
        "self.state += self.state[-len(self.tables.tops) :] if len(self.members) > 1 else self.tables.tops",
        "a person begins with what another has left",
    ),
    Planted(
        "model/accumulators",
        "self.state = tables.family_tops.copy()",
        "self.state = tables.family_tops",
        "what a family uses is used in every walk of the plan",
    ),
    Planted(
        "model/accumulators",
        "self.state[self.of(PATIENT) + self.tables.visits_at(benefit)] = visits",
        "pass",
        "the visits used before the course are forgotten",
    ),
    Planted(
        "model/accumulators",
        "known = kept.get(id(plan))",
        "known = next(iter(kept.values()), None)",
        "every plan has the amounts of the first one",
    ),
]

CLAIMS = [
    Planted(
        "model/adjudication",
        "more_decides = self.keeps or self.by_month or row.visits_at or row.share_at or due.copay",
        "more_decides = self.by_month or row.visits_at or row.share_at or due.copay",
        "lines alike are counted together beyond a change of the plan",
    ),
    Planted(
        "model/adjudication",
        "more_decides = self.keeps or self.by_month or row.visits_at or row.share_at or due.copay",
        "more_decides = self.keeps or row.visits_at or row.share_at or due.copay",
        "lines alike are counted together beyond the months of a deductible",
    ),
    Planted(
        "model/adjudication",
        "more_decides = self.keeps or self.by_month or row.visits_at or row.share_at or due.copay",
        "more_decides = self.keeps or self.by_month or row.share_at or due.copay",
        "lines alike are counted together beyond the visits that a plan covers",
    ),
    Planted(
        "model/adjudication",
        "more_decides = self.keeps or self.by_month or row.visits_at or row.share_at or due.copay",
        "more_decides = self.keeps or self.by_month or row.visits_at or due.copay",
        "lines alike of a day each have a least share",
    ),
    Planted(
        "model/adjudication",
        "more_decides = self.keeps or self.by_month or row.visits_at or row.share_at or due.copay",
        "more_decides = self.keeps or self.by_month or row.visits_at or row.share_at",
        "lines alike of a day each take the copay",
    ),
    Planted(
        "model/adjudication",
        "if more_decides or self.allowed or not self.usual or line.allowed is None:",
        "if more_decides or self.allowed or line.allowed is None:",
        "lines alike are counted together as booklets say under any variant",
    ),
    Planted(
        "model/adjudication",
        "if more_decides or self.allowed or not self.usual or line.allowed is None:",
        "if more_decides or self.allowed or not self.usual:",
        "lines alike are allowed by the fee of the first one's year",
    ),
    Planted(
        "model/adjudication",
        "if more_decides or self.allowed or not self.usual or line.allowed is None:",
        "if more_decides or not self.usual or line.allowed is None:",
        "lines alike are allowed what a variant allows the first one",
    ),
    Planted(
        "model/adjudication",
        "while times and plan_year_of(alike[at + times].date, self.starts) != self.year:",
        "while False:",
        "lines alike are counted together beyond the plan year",
    ),
    Planted(
        "model/adjudication",
        "while times and plan_year_of(alike[at + times].date, self.starts) != self.year:",
        "while times and plan_year_of(alike[at + times - 1].date, self.starts) != self.year:",
        "the first line of the next plan year is counted with those alike before it",
    ),
    Planted(
        "model/adjudication",
        "times = min(times, left.deductible // filled)",
        "pass",
        "lines alike are counted together beyond the deductible",
    ),
    Planted(
        "model/adjudication",
        "times = min(times, left.limit // counted)",
        "pass",
        "lines alike are counted together beyond the limit",
    ),
    Planted(
        "model/adjudication",
        "times = min(times, left.coinsurance // coinsurance)",
        "pass",
        "lines alike are counted together beyond the coinsurance maximum",
    ),
    Planted(
        "model/adjudication",
        "count_all(year.state, mine, year.family, reach, row, times * filled, times * counted, times * coinsurance)",
        "count_all(year.state, mine, year.family, reach, row, filled, counted, coinsurance)",
        "lines alike count once, however many they are",
    ),
    Planted(
        "model/adjudication",
        "count_all(year.state, mine, year.family, reach, row, times * filled, times * counted, times * coinsurance)",
        "pass",
        "only the first of lines alike counts",
    ),
    Planted(
        "model/adjudication",
        "count_all(year.state, mine, year.family, reach, row, times * filled, times * counted, times * coinsurance)",
        "count_all(year.state, mine, 0, reach, row, times * filled, times * counted, times * coinsurance)",
        "only the first of lines alike counts for the family",
    ),
    Planted(
        "model/adjudication",
        'ALIKE = attrgetter(*(one.name for one in fields(ServiceLine) if one.name != "date"))',
        'ALIKE = attrgetter(*(one.name for one in fields(ServiceLine) if one.name not in ("date", "charge")))',
        "lines of other charges are taken for lines alike",
    ),
    Planted(
        "model/adjudication",
        'ALIKE = attrgetter(*(one.name for one in fields(ServiceLine) if one.name != "date"))',
        'ALIKE = attrgetter(*(one.name for one in fields(ServiceLine) if one.name not in ("date", "member")))',
        "lines of other members are taken for lines alike",
    ),
    Planted(
        "estimate/nets",
        "runs = [list(run) for _, run in groupby(rows, lambda row: (ALIKE(row), self.anew[row]))]",
        "runs = [list(run) for _, run in groupby(rows, lambda row: ALIKE(row))]",
        "visits of a package are counted with those alike whose price is not known",
    ),
    Planted(
        "model/adjudication",
        "self.month, self.late = month, self.tables.carryover != 0 and month % MONTHS >= MONTHS - CARRIED_MONTHS",
        "self.month, self.late = month, self.tables.carryover != 0",
        "a whole year's deductible carries over",
    ),
    Planted(
        "model/accumulators",
        "if before.tables.carryover == 1 or before.state[there + theirs]:",
        "if True:",
        "a deductible that was met carries over, though the plan says only if not",
    ),
    Planted(
        "model/adjudication", "self.state.credit(before)", "pass", "another plan gives no credit for what was used"
    ),
    Planted(
        "model/adjudication",
        "elif month // months != before // months:",
        "elif False:",
        "a monthly deductible holds for the plan year",
    ),
    Planted(
        "model/accumulators",
        "allowed = {**before.allowed, **side.allowed}",
        "allowed = side.allowed",
        "a later version forgets the allowed amounts",
    ),
    Planted(
        "model/adjudication",
        "return sorted(lines, key=_DATE)",
        "return list(lines)",
        "a bill is taken in the order it was typed",
    ),
    Planted(
        "model/adjudication",
        "return sorted(lines, key=_DATE)",
        'return sorted(lines, key=attrgetter("date", "charge"))',
        "the smallest line of a day is taken first",
    ),
    Planted(
        "model/adjudication",
        "return date(day.year if (day.month, day.day) >= (month, first) else day.year - 1, month, first)",
        "return date(day.year, 1, 1)",
        "every plan year is a calendar year",
    ),
    Planted(
        "model/adjudication",
        "return date(day.year if (day.month, day.day) >= (month, first) else day.year - 1, month, first)",
        "return date(day.year if (day.month, day.day) > (month, first) else day.year - 1, month, first)",
        "the first day of a plan year belongs to the one before",
    ),
    Planted(
        "model/adjudication",
        "if self.by_month or plan_year_of(day, self.starts) != self.year:",
        "if self.year == date.min:",
        "deductible and limit never start again",
    ),
    Planted(
        "model/adjudication",
        "network = self.plan.protected_network if line.protected else line.network",
        "network = line.network",
        "a surprise bill has out-of-network terms",
    ),
    Planted(
        "model/walk",
        "return Left(deductible if applies else 0, limit, coinsurance, copay, NO_BOUNDS)",
        "return Left(deductible, limit, coinsurance, copay, NO_BOUNDS)",
        "the deductible applies to every benefit",
    ),
    Planted("model/walk", "state[copay_at] += parts.copay", "pass", "each line of a visit has a copay of its own"),
    Planted("model/walk", "state[at] = number", "pass", "visits are not counted"),
    Planted(
        "model/adjudication",
        "mine = year.members.get(line.member)",
        "mine = year.members.get('patient')",
        "everybody's bills count for the patient",
    ),
    Planted(
        "model/adjudication",
        "if as_of and (self.tables.starts, self.begins) == self.used_in:",
        "if as_of:",
        "what was used once is used again every year",
    ),
    Planted(
        "model/walk",
        "number = state[at] + (state[at + 1] != today)",
        "number = state[at] + 1",
        "each line of a day is a visit",
    ),
    Planted(
        "model/walk",
        "filled = parts.deductible + parts.copay * terms.copay_fills_deductible",
        "filled = parts.deductible",
        "a copay never counts to the deductible of later lines",
    ),
    Planted(
        "model/walk",
        "parts.deductible * terms.deductible_counts",
        "parts.balance_bill + parts.deductible * terms.deductible_counts",
        "balance bills count to the limit",
    ),
    Planted(
        "model/walk", "+ parts.copay * terms.copay_counts", "+ 0", "copays never count to the limit of later lines"
    ),
    Planted(
        "model/walk",
        "return filled, counted, parts.coinsurance",
        "return filled, counted, counted",
        "copays count to the coinsurance maximum",
    ),
    Planted(
        "model/walk",
        "if not covered or number > sharing.most_visits:",
        "if number > sharing.most_visits:",
        "what the plan denies is paid",
    ),
    Planted(
        "model/adjudication",
        "most_visits=most if benefit.covered else 0,",
        "most_visits=most,",
        "what the booklet excludes is paid",
    ),
    Planted(
        "model/walk",
        "if not covered or number > sharing.most_visits:",
        "if not covered or number >= sharing.most_visits:",
        "the last visit of a visit limit is not covered",
    ),
    Planted(
        "model/walk",
        "if number <= sharing.first_visits:",
        "if number < sharing.first_visits:",
        "the third free visit is not free",
    ),
    Planted(
        "model/adjudication",
        "counts = benefit.counts_to_limit",
        "counts = True",
        "every benefit counts to the limit and stops there",
    ),
    Planted(
        "model/adjudication",
        "return line.balance_billed and not line.protected",
        "return not line.protected",
        "a waived balance is owed",
    ),
    Planted(
        "model/adjudication",
        "return line.balance_billed and not line.protected",
        "return line.balance_billed",
        "a protected line may have a balance bill where the network's other lines may",
    ),
    Planted(
        "model/adjudication",
        'excess=0 if side.balance_bill != "owed" else -1 if side.balance_bill_limit is None else side.balance_bill_limit,',
        "excess=-1 if side.balance_bill_limit is None else side.balance_bill_limit,",
        "a network's clinic may bill above the allowed amount",
    ),
    Planted(
        "model/adjudication",
        'copay_first=int(benefit.copay_timing == "before deductible"),',
        "copay_first=0,",
        "the copay always comes after the deductible",
    ),
    Planted(
        "model/adjudication",
        'deductible_counts=int(counts and "deductible" in side.limit_counts),',
        "deductible_counts=int(counts),",
        "a limit of coinsurance alone counts the deductible too",
    ),
    Planted(
        "model/adjudication",
        'copay_counts=int(counts and "copay" in side.limit_counts),',
        "copay_counts=int(counts),",
        "a limit that leaves copays out counts them",
    ),
    Planted(
        "model/adjudication",
        "if as_of and day < as_of and (self.tables.starts, self.begins) == self.used_in:",
        "if as_of and day <= as_of and (self.tables.starts, self.begins) == self.used_in:",
        "a line of the very day of the used amounts is refused",
    ),
    Planted(
        "model/walk",
        "row, applies = sharing.first_terms, sharing.deductible_applies_first",
        "row = sharing.first_terms",
        "the first visits have their own terms but the usual deductible",
    ),
    Planted(
        "model/adjudication",
        "coinsurance=int(source.coinsurance),",
        "coinsurance=int(benefit.coinsurance),",
        "the first visits have the usual coinsurance",
    ),
    Planted(
        "model/adjudication", "self.state.begin(self.used)", "pass", "what was used before the course is forgotten"
    ),
    Planted(
        "model/adjudication",
        "visits_at=places.visits_at(name) if name in places.counted else 0,",
        "visits_at=places.visits_at(name) if benefit.first_visits or benefit.visit_limit is not None else 0,",
        "visits count only where the network itself limits them",
    ),
    Planted(
        "model/walk", "at = mine + sharing.visits_at", "at = sharing.visits_at", "everybody's visits are the patient's"
    ),
    Planted(
        "model/walk",
        "copay_at = mine + sharing.copay_at",
        "copay_at = sharing.copay_at",
        "one copay a day for the whole family",
    ),
    Planted("model/adjudication", "sharing.ask_for_gaps()", "pass", "what a plan does not state is not asked for"),
    Planted("model/adjudication", "if min(parts) < 0:", "if False:", "a walk splits a negative charge"),
    Planted("model/adjudication", "if accounted != billed:", "if False:", "a claim that does not balance can be made"),
]

RULES = [
    Planted(
        "model/rules",
        "own = max(parts.deductible - helped, 0)",
        "own = parts.deductible",
        "what a card pays counts under an accumulator",
    ),
    Planted(
        "model/rules",
        "return amount - part_of(amount, half) if isinstance(amount, int) else amount",
        "return amount",
        "nothing of a deductible is waived",
    ),
    Planted(
        "model/adjudication",
        "self.versions = versions(rule.changed(plan))",
        "self.versions = versions(plan)",
        "no variant changes a plan",
    ),
    Planted(
        "core/money",
        "if type(part) is int and 0 < part <= 100:",
        "if False:",
        "a bare 15 is a chance of hundredths of a percent",
    ),
]

COURSES = [
    Planted(
        "model/courses",
        "base = course.start if not booked else booked[-1].date + timedelta(days=phase.after_days)",
        "base = course.start",
        "every phase starts on the first day",
    ),
    Planted(
        "model/courses",
        "day = max(day, before[-1].date + timedelta(days=1))",
        "day = max(day, before[-1].date)",
        "two visits fall on one day",
    ),
    Planted(
        "model/courses",
        "if WEEKDAYS[day.weekday()] in course.works and day not in course.closed:",
        "if WEEKDAYS[day.weekday()] in course.works:",
        "the clinic treats on days when it is closed",
    ),
    Planted(
        "model/courses",
        "if WEEKDAYS[day.weekday()] in course.works and day not in course.closed:",
        "if day not in course.closed:",
        "the clinic treats on Sundays",
    ),
    Planted(
        "model/courses",
        "return full - part_of(full, prices.discounts.get(name, 0))",
        "return full",
        "the discount for paying ahead is forgotten",
    ),
    Planted(
        "model/courses",
        "if course.stop_after is not None and len(booked) >= course.stop_after:",
        "if course.stop_after is not None and len(booked) > course.stop_after:",
        "a course that stops early has one visit more",
    ),
    Planted(
        "model/courses",
        "code = kind.code_on(day)",
        "code = kind.code_on(course.start)",
        "a code holds for the whole course",
    ),
    Planted(
        "model/courses",
        "done.append(_Service(day, name, units, code, kind.benefit, visit.phase))",
        "done.append(_Service(day, name, 1, code, kind.benefit, visit.phase))",
        "every line is one unit",
    ),
    Planted(
        "model/courses",
        "since = booked[-1].date if booked else course.start - timedelta(days=1)",
        "since = course.start - timedelta(days=1)",
        "a pause puts every later phase off once more",
    ),
    Planted(
        "model/courses", "if since < pause.start <= day:", "if since < pause.start < day:", "a pause begins a day late"
    ),
    Planted(
        "model/courses",
        "services = phase.first_visit or cycle if number == 0 else cycle",
        "services = cycle",
        "the first dose is like every other",
    ),
    Planted(
        "model/courses",
        "for pause in sorted(course.pauses, key=lambda pause: pause.start):",
        "for pause in course.pauses:",
        "pauses count in the order they were typed",
    ),
    Planted("model/courses", "moved = day - nominal", "pass", "a moved appointment moves nothing after it"),
    Planted(
        "model/courses",
        "kept = [part for part, package in parts if not package.refundable]",
        "kept = [part for part, package in parts]",
        "unused visits of a refundable package are charged",
    ),
    Planted(
        "core/dates",
        "return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), month_end(year, month + 1))",
        "return date(year, month + 1, min(day.day, 28))",
        "monthly visits move to the 28th",
    ),
]

OTHERS = [
    Planted(
        "model/allowed", "return amounts[line.code] * line.units", "return amounts[line.code]", "units do not matter"
    ),
    Planted(
        "model/allowed",
        "if line.allowed is not None:",
        "if line.allowed:",
        "an allowed amount of nothing is taken for none",
    ),
    Planted(
        "model/allowed",
        'for name in (line.service, "default"):',
        'for name in ("default", line.service):',
        "the default stands before the service's own amount",
    ),
    Planted(
        "model/allowed",
        "return part_of(line.charge, pricing.share)",
        "return line.charge",
        "a share of the charge is all of it",
    ),
    Planted(
        "estimate/scenario",
        '"visits only": ("visit",),',
        '"visits only": ("visit", "infusion"),',
        "a yes to the visits is a yes to the infusions",
    ),
    Planted("estimate/scenario", "if covered and not waived:", "if covered:", "the clinic's waiver is forgotten"),
    Planted(
        "estimate/scenario",
        "covered = service(line.service).part in COVERS[coverage]",
        "covered = True",
        "what the plan denies is paid in a scenario",
    ),
    Planted(
        "estimate/scenario",
        'prices["charges"].setdefault(kind, amount)',
        'prices["charges"][kind] = amount',
        "typical prices stand in for the clinic's own",
    ),
    Planted(
        "estimate/answer",
        "not_covered += parts.balance_bill",
        "balance += parts.balance_bill",
        "denied charges are called a balance bill",
    ),
    Planted(
        "model/plans",
        'return self.benefits.get("default", Benefit(coinsurance=NOT_STATED)), "default"',
        'return self.benefits.get("default", Benefit()), "default"',
        "a line that the booklet does not have is free",
    ),
    Planted(
        "core/convert",
        'NONE = ("none", "no limit", "unlimited", "")',
        'NONE = ("none", "no limit", "unlimited", "", "0")',
        "a limit of 0 is read as no limit",
    ),
    Planted(
        "core/convert",
        "return value if isinstance(value, bool) else text in YES",
        "return bool(value)",
        "no is read as yes",
    ),
    Planted(
        "core/convert",
        'return percent(value) if held.mark in ("share", "multiple") else value',
        "return value",
        "a share is written in basis points",
    ),
    Planted(
        "core/convert",
        "return value // 100 if value % 100 == 0 else dollars(value)",
        "return value // 100",
        "cents are lost when a file is written",
    ),
    Planted(
        "core/convert",
        'if default is MISSING or value != default or "unless" in f.metadata:',
        'if default is MISSING or "unless" in f.metadata:',
        "what differs from the default is not written",
    ),
]

CALENDARS = [
    Planted(
        "estimate/cash_flow",
        "by_day[claim.line.date] += claim.line.charge - claim.split.write_off if first else claim.you_pay",
        "by_day[claim.line.date] += claim.line.charge - claim.split.write_off",
        "in network the patient pays the plan's part too",
    ),
    Planted(
        "estimate/cash_flow",
        "early = {day for day in final.by_day if filed.get(day, day) <= decided}",
        "early = {day for day in final.by_day if filed.get(day, day) < date.min}",
        "an appeal that is won pays as if there had been no denial",
    ),
    Planted("estimate/cash_flow", "rest[number] -= part", "rest[number] -= 0", "a package comes back in full"),
    Planted(
        "model/courses",
        "return tuple(takewhile(lambda day: day <= last, days))",
        "return tuple(takewhile(lambda day: day <= months_later(last, 1), days))",
        "a monthly fee is due after the last visit",
    ),
    Planted(
        "estimate/cash_flow",
        "fee = sum(a.fee for a in won) - sum(b.fee for b in first)",
        "fee = sum(a.fee for a in won)",
        "a filing service keeps its share of a first check twice",
    ),
    Planted(
        "estimate/cash_flow",
        "visits = 2 * path.visits >= WHOLE - path.infusions",
        "visits = False",
        "a request refused leaves the visits unpaid however likely they are",
    ),
    Planted(
        "estimate/cash_flow", "if pays := min(held, waiting):", "if pays := waiting:", "an HSA pays what is not in it"
    ),
    Planted(
        "estimate/cash_flow",
        "later = saved_by(year.home, taxed).total - by_pay if taxed.direct_hsa else 0",
        "later = 0",
        "one's own transfer to an HSA saves no tax",
    ),
    Planted(
        "estimate/cash_flow",
        "return date(year.home.year + 1, *TAX_DAY)",
        "return date(year.home.year, *TAX_DAY)",
        "tax comes back a year early",
    ),
    Planted(
        "estimate/account_effects",
        "rebated, apart = min(back, owed[lot]), (*lot[:2], True)",
        "rebated, apart = 0, (*lot[:2], True)",
        "an account pays what a rebate gives back",
    ),
    Planted(
        "estimate/account_effects",
        'return line.date, line.service if helped else "", line.phase == "unused"',
        'return line.date, line.service if helped else "", False',
        "an account pays for visits of a package that were not taken",
    ),
    Planted(
        "estimate/account_effects",
        "helped = line.service in self.helped and (covered or self.helps_denied)",
        "helped = line.service in self.helped",
        "a maker's card pays for a denied visit",
    ),
    Planted(
        "model/adjudication",
        "counts = least is not None and year.has_counted(line) >= least(year.begins)",
        "counts = least is not None",
        "help counts from the first dollar beside an HSA",
    ),
    Planted(
        "estimate/scenario",
        'counts = paying.assistance_counts != "does not count" and scenario.plan.hsa_eligible is not True',
        "counts = scenario.plan.hsa_eligible is not True",
        "help that does not count is counted",
    ),
    Planted(
        "estimate/given",
        "assistance = min(help_left, admitted)",
        "assistance = help_left",
        "assistance beyond what is owed",
    ),
    Planted(
        "estimate/given",
        "return Hra(paying.hra, days, paying.hra_after, paying.hra_share)",
        "return Hra(paying.hra, days, 0, paying.hra_share)",
        "an HRA pays from the first dollar",
    ),
    Planted(
        "estimate/given",
        "if scenario.paying.hra and scenario.paying.hra_after < least:",
        "if scenario.paying.hra and not scenario.paying.hra_after:",
        "an HRA that pays before the least deductible leaves an HSA open",
    ),
    Planted(
        "estimate/calendar",
        "return max(alike, key=lambda end: end.chance, default=None)",
        "return min(alike, key=lambda end: end.chance, default=None)",
        "the unlikeliest end is taken",
    ),
    Planted(
        "estimate/calendar",
        "return sum(part_of(back, fee) for back in by_day.values())",
        "return part_of(sum(by_day.values()), fee)",
        "a filing fee is rounded once for all visits",
    ),
    Planted(
        "estimate/calendar",
        "return sum(debt.cents for debt in self.owed if debt.since <= day < debt.until)",
        "return sum(debt.cents for debt in self.owed if day < debt.until)",
        "what is not yet paid counts as owed back",
    ),
    Planted(
        "estimate/superbills",
        'return side is None or side.balance_bill != "written off"',
        "return True",
        "in network the patient waits for checks",
    ),
]

ACCOUNTS = [
    Planted(
        "estimate/account_effects",
        "payroll = min(used, may.payroll_hsa)",
        "payroll = used = may.to_hsa",
        "accounts: money that stays in an HSA saves tax",
    ),
    Planted(
        "estimate/account_effects",
        "return Contribution(payroll, used - payroll, may.health_fsa - kept_in_fsa, may.by_spouse)",
        "return Contribution(payroll, used - payroll, may.health_fsa, may.by_spouse)",
        "accounts: money that an FSA carries over and nobody needs saves tax",
    ),
    Planted(
        "estimate/account_effects",
        "payroll = min(used, may.payroll_hsa)",
        "payroll = max(used - may.direct_hsa, 0)",
        "accounts: an HSA pays with the money from the bank first",
    ),
    Planted(
        "estimate/account_effects",
        "last = on_hand.fsa_last_day or date(year, 12, 31)",
        "last = date(year, 12, 31)",
        "accounts: FSA money pays for visits after its plan year",
    ),
    Planted(
        "estimate/account_effects",
        "carried, unused = min(rest, limit.value - so_far), 0",
        "carried, unused = rest, 0",
        "accounts: an FSA carries over any amount",
    ),
    Planted(
        "estimate/account_effects",
        "last = fsa.until.day if in_time[self._at[fsa.name]] else fsa.last",
        "last = fsa.last",
        "accounts: money in a grace period keeps nobody from an HSA",
    ),
    Planted(
        "estimate/given",
        "admitted = sum(cents for (_, service, _), cents in lots.items() if service) if services else sum(lots.values())",
        "admitted = sum(lots.values())",
        "accounts: help for the drug pays the observation too",
    ),
    Planted(
        "accounts/contributions", "fsa = min(fsa, most.value)", "pass", "accounts: an election above its limit counts"
    ),
    Planted(
        "accounts/contributions",
        "direct = min(put_in.direct_hsa, allowed.total - payroll)",
        "direct = put_in.direct_hsa",
        "accounts: HSA money above its limit counts",
    ),
    Planted(
        "accounts/contributions",
        "if any(span.holds(day) for span in general_fsa):",
        "if False:",
        "accounts: an HSA beside a general FSA",
    ),
    Planted(
        "accounts/contributions",
        "if plan.hsa_eligible is True:",
        "if plan.hsa_eligible is not False:",
        "accounts: a plan that is not known to allow an HSA does",
    ),
    Planted(
        "accounts/contributions",
        "if medicare_from and medicare_from <= day:",
        "if False:",
        "accounts: an HSA beside Medicare",
    ),
    Planted(
        "accounts/contributions",
        "return LastUse(months_later(last + timedelta(days=1), months.value) + timedelta(days=days.value - 1), months.mark)",
        "return LastUse(months_later(last + timedelta(days=1), months.value) + timedelta(days=days.value), months.mark)",
        "accounts: a grace period of a day more",
    ),
    Planted(
        "accounts/loans",
        "return terms.services if law in terms.laws else None",
        "return terms.services",
        "accounts: the maker's help beside a government plan",
    ),
    Planted(
        "accounts/loans",
        "return None if program in protocols() and program != treatment else ()",
        "return ()",
        "accounts: help for one treatment pays for another",
    ),
    Planted(
        "estimate/calendar",
        "begins = today if today and today <= first else None",
        "begins = None",
        "accounts: rows before today",
    ),
    Planted(
        "estimate/calendar",
        "borrowed = min(lent, max(visits, 0))",
        "borrowed = 0",
        "accounts: what a loan pays counts in the dearest month",
    ),
    Planted(
        "estimate/calendar",
        'out = max(visits, 0) - borrowed + max(from_pay, 0) + spent["step"] + spent["monthly fee"] + spent["loan"]',
        'out = max(visits, 0) - borrowed + spent["step"] + spent["monthly fee"] + spent["loan"]',
        "accounts: what is taken from pay is not in the dearest month",
    ),
    Planted(
        "estimate/calendar",
        "return max((Waiting(0, None), *waiting), key=lambda most: most.cents)",
        "return max(reversed((Waiting(0, None), *waiting)), key=lambda most: most.cents)",
        "accounts: the last of equal days of waiting is told",
    ),
    Planted(
        "estimate/cash_flow",
        "return tuple(day for day in days if today is None or day >= today) or days",
        "return days",
        "accounts: an HSA fills on pay days that are past",
    ),
]

STARTS = [
    Planted(
        "analysis/start_dates",
        "start = course.start + by if dates else day",
        "start = course.start if dates else day",
        "a start: appointments move without the course",
    ),
    Planted(
        "analysis/start_dates",
        "earliest = max(known + by, dates[-1] + timedelta(days=1)) if dates else known + by",
        "earliest = known + by",
        "a start: two appointments on one day",
    ),
    Planted(
        "analysis/start_dates",
        "if left is None or met.get(year, 0) < left:",
        "if left is None:",
        "a start: what was used counts where the deductible is not met",
    ),
    Planted(
        "analysis/start_dates",
        "return NetParts(*of_the_bill, *of_paying, -line.assistance, -line.hra, -line.rebate, -line.tax_saved)",
        "return NetParts(*of_the_bill, *of_paying, -line.assistance, -line.hra, line.rebate, -line.tax_saved)",
        "a start: a rebate costs",
    ),
    Planted(
        "analysis/start_dates",
        "same_way = sorted((name for name in moved if moved[name] * change > 0), key=lambda name: -abs(moved[name]))",
        "same_way = sorted((name for name in moved if moved[name] * change < 0), key=lambda name: -abs(moved[name]))",
        "a reason that goes the other way",
    ),
    Planted(
        "analysis/start_dates",
        "return (can[low], can[high], high == low + 1) if rise >= SMALLEST_DIFFERENCE else None",
        "return (can[low], can[high], True) if rise >= SMALLEST_DIFFERENCE else None",
        "every rise is one step",
    ),
    Planted(
        "analysis/start_dates",
        "first, cheapest = can[0], min(can, key=_net)",
        "first, cheapest = can[0], max(can, key=_net)",
        "the dearest start is told as the cheapest",
    ),
]

DECISIONS = [
    Planted(
        "estimate/outlook",
        "chained = chained and expects > cost",
        "chained = expects > cost",
        "a step is worth it after one that is not",
    ),
    Planted(
        "estimate/outlook",
        "later = max(Fraction(0), self.of(following) - self.path.step_costs.get(following, 0))",
        "later = max(Fraction(0), Fraction(0))",
        "a step is judged as if none came after it",
    ),
    Planted(
        "estimate/outlook",
        'case = case.replace(if_denied="go on", denied_line="patient")',
        "case = case.replace(if_denied='stop')",
        "after a no nobody would have to pay",
    ),
    Planted(
        "estimate/outlook",
        "return tuple(priced for priced in self.ends if priced.whole) or self.ends",
        "return self.ends",
        "an average over visits that do not take place",
    ),
    Planted(
        "estimate/running",
        "some = tuple(claim for claim in claims if claim.line.date <= until)",
        "some = tuple(claim for claim in claims if claim.line.date < until)",
        "the last visit of the first series is left out",
    ),
    Planted(
        "analysis/alternatives",
        "return max(Fraction(1), ((days[-1] - days[0]).days + last) / MONTH)",
        "return max(Fraction(1), (days[-1] - days[0]).days / MONTH)",
        "the last interval does not count as treated",
    ),
    Planted(
        "analysis/alternatives",
        "paying = paying.replace(assistance=0)",
        "paying = paying.replace(rebate=0)",
        "help with one treatment pays for another",
    ),
    Planted(
        "analysis/alternatives",
        "number = sum(day < months_later(days[0], 12) for day in days)",
        "number = len(days)",
        "a route takes more than its twelve months",
    ),
    Planted(
        "analysis/start_dates",
        "changes = [(case.chance, _net_from(found, case, start.day, first) - case.net) for case in cases]",
        "changes = [(case.chance, _net_from(found, case, start.day, first) - found.main.likely) for case in cases]",
        "a range of dates holds what is not known anyway",
    ),
    Planted(
        "analysis/start_dates",
        "if found.chance >= RARE:",
        "if found.chance >= 0:",
        "dates are priced by an answer that hardly ever comes",
    ),
]

ESTIMATES = [
    Planted(
        "model/coordination", 'if second.goes == "first":', "if False:", "a plan that pays first has no allowed amounts"
    ),
    Planted(
        "model/coordination",
        "left[name] = max(getattr(split, name) - rest, 0)",
        "left[name] = getattr(split, name)",
        "what the second plan pays is owed still",
    ),
    Planted(
        "model/booklet",
        "if not re.match(LINE, name) or get_close_matches(name, (*BENEFITS, *words), 1, 0.8):",
        "if not re.match(LINE, name):",
        "a slip of a line's name is a line of the plan's own",
    ),
    Planted(
        "model/denials",
        'for first, then, who in ((this, second, "this plan"), (second, this, "second plan")):',
        'for first, then, who in ((this, second, "this plan"),):',
        "the second plan never pays first",
    ),
    Planted("estimate/scenario", "if scenario.second:", "if False:", "a second plan pays nothing"),
    Planted(
        "estimate/nets",
        'second = changed(self.scenario.second, changes.get("second", {}))',
        "second = self.scenario.second",
        "the order of two plans is drawn and not used",
    ),
    Planted(
        "estimate/other_plans",
        'owed = "written off" if value == AGREEMENT else "owed"',
        'owed = "written off"',
        "a gap exception is a single-case agreement",
    ),
    Planted(
        "estimate/other_plans",
        "known = [v for v in known if v is None or (v <= usd(edge) if below else v >= usd(edge))]",
        "known = [v for v in known if v is None or v]",
        "a plan's limit is drawn below the deductible that was typed",
    ),
    Planted(
        "estimate/other_plans",
        "if other not in self.intake.said:  # the one that was said is the whole of it",
        "if other in self.intake.said:",
        "a typed copay comes on top of a share that nobody typed",
    ),
    Planted(
        "estimate/budget",
        "above = tuple((month.first_day, month.out) for month in months if month.out > amount)",
        "above = tuple((month.first_day, month.out) for month in months if month.out >= amount)",
        "a month that costs just the budget is above it",
    ),
    Planted(
        "estimate/budget",
        "if monthly_payment(loan) <= amount:",
        "if spread <= months * amount:",
        "a payment plan within the budget forgets the interest",
    ),
    Planted(
        "estimate/terms",
        '*("deductible_months", "deductible_carryover"),',
        "",
        "how long a deductible holds is said and not used",
    ),
    Planted(
        "model/courses",
        "for name, units in (*visit.services, *((FACILITY, 1),) * (hospital and treated)):",
        "for name, units in visit.services:",
        "a hospital sends no bill",
    ),
    Planted(
        "estimate/resolve",
        'self.insurer = agency_of(self.intake.value("household.state"))',
        "pass",
        "the answer of a state's Medicaid agency is not used",
    ),
    Planted(
        "estimate/scenario",
        "if next_year != plan:",
        "if not next_year:",
        "what is known of the next plan year's terms is not used",
    ),
    Planted(
        "estimate/estimate",
        "if not ending.end.steps and not (scenario.path and scenario.payer):",
        "if not ending.end.steps:",
        "the calendar takes steps where the plan's answer was said",
    ),
    Planted(
        "analysis/alternatives",
        "if watched and not (scenario.household and scenario.household.state in NO_OBSERVATION_HELP):",
        "if watched:",
        "a state that forbids it has help with the observation",
    ),
    Planted(
        "analysis/alternatives",
        "if not agreement:",
        "if agreement:",
        "a clinic that signed nothing may not bill the rest",
    ),
    Planted(
        "estimate/cases",
        "if isinstance(own, int) and share.name in patient.get(share.network, {}):",
        "if False:",
        "what is used of a deductible is the same for every plan",
    ),
    Planted(
        "estimate/estimate",
        "middle = [choice for net, _, choice in designs if net == median]",
        "middle = [designs[0][2]]",
        "the first plan is shown, not the one with the median cost",
    ),
    Planted(
        "estimate/sentences",
        "if least <= below <= most and gap > widest:",
        "if False:",
        "one of two equally likely amounts is called likely",
    ),
    Planted(
        "estimate/resolving",
        "return tuple(dict.fromkeys((self.network, *self.networks.values())))",
        "return (self.network,)",
        "a service in another network has no terms",
    ),
    Planted(
        "estimate/scenario",
        "if moved := _moved(scenario):",
        "if moved := {}:",
        "every service is billed in the clinic's network",
    ),
    Planted(
        "estimate/cash_flow",
        "due = {day: max(before.by_day[day], amount) if day in early else amount for day, amount in final.by_day.items()}",
        "due = {day: before.by_day[day] if day in early else amount for day, amount in final.by_day.items()}",
        "an appeal that is won gives a refund to be paid",
    ),
    Planted("model/courses", "if dose is None:", "if dose != -1:", "the dose of Spravato changes nothing"),
    Planted(
        "model/courses",
        'return f"spravato_bundle_{SPRAVATO_DOSES[0]}" if name == "esketamine" and low else name',
        "return name",
        "a dose that stays at 56 mg is allowed what 84 mg are",
    ),
    Planted(
        "estimate/terms",
        "if name in AMOUNTS and usual not in (NOT_STATED, said):",
        "if name not in AMOUNTS and usual not in (NOT_STATED, said):",
        "terms typed over a program's own are not told",
    ),
    Planted(
        "estimate/terms",
        'return put(plan, entry.path.removeprefix("plan."), value)',
        "return plan",
        "what the plan prints goes before what was said",
    ),
    Planted(
        "estimate/terms",
        "self._set_plan(_filled(self.plan, network, gap))",
        "continue",
        "what the plan does not print is left out",
    ),
    Planted(
        "estimate/terms",
        'known = name in side.allowed or "default" in side.allowed',
        "known = name in side.allowed",
        "an amount for any service is not known to be one for this service",
    ),
    Planted(
        "estimate/resolve",
        'self.scenario = put(self.scenario, "paying.loan", usual | {k: v for k, v in terms.items() if v is not None})',
        'self.scenario = put(self.scenario, "paying.loan", usual | {"amount": terms["amount"]})',
        "a loan's fee is forgotten",
    ),
    Planted(
        "estimate/resolve",
        "elif approved and not isinstance(card, OneOf):",
        "elif approved:",
        "an approval makes answers that were thought possible impossible",
    ),
    Planted(
        "estimate/saying",
        "or scenario.covered_until",
        "or False",
        "an old file with an approval knows what the plan answers",
    ),
    Planted(
        "estimate/scenario",
        "bears = provider_bears and not covered",
        "bears = False",
        "a denied line that the clinic bears is the patient's bill",
    ),
    Planted(
        "estimate/nets",
        "owed = [0 if provider and not row.why_not else row.charge for row in self.rows]",
        "owed = [row.charge for row in self.rows]",
        "the quick walk bills a denied line that the clinic bears",
    ),
    Planted("estimate/nets", "return known + ending.end.cost", "return known", "the fees of appeals are free"),
    Planted(
        "estimate/outlook",
        "until = next(treated, None)",
        "until = None",
        "treatment goes on after the plan said no to a request",
    ),
    Planted(
        "estimate/outlook",
        "until = case.course.start + timedelta(days=rule.decision_days if rule else 0)",
        "until = case.course.start",
        "visits before the day of a no did not take place",
    ),
    Planted(
        "estimate/estimate",
        'alike.setdefault(about(group.likely) if group.whole else "", []).append(group)',
        "alike.setdefault(str(group.answers), []).append(group)",
        "answers that cost the same ten dollars are apart",
    ),
    Planted(
        "estimate/estimate",
        "return tuple(group for group in self.groups if group.whole) or (self.groups[0],)",
        "return self.groups",
        "amounts are pooled over visits that take place and visits that do not",
    ),
    Planted("estimate/estimate", "if added >= enough:", "if added > enough:", "a tenth at or below is not enough"),
    Planted(
        "estimate/cases",
        "return AS_IT_IS  # the constant itself: a case tells it apart by identity",
        "return text",
        "as it is, read from a file, is a value of its own",
    ),
    Planted(
        "estimate/cases",
        "if isinstance(thing, Network) and family:",
        "if isinstance(thing, Network):",
        "one person's deductible is cut at a family's that does not count",
    ),
    Planted(
        "estimate/cases",
        "weights = [int(weight * common) for weight in dimension.odds]",
        "weights = [common for weight in dimension.odds]",
        "values are drawn as if each were as likely",
    ),
    Planted(
        "estimate/intake",
        "if isinstance(value, Between | OneOf) and not entry.ranges:",
        "if isinstance(value, Between | OneOf) and not entry.kind:",
        "a day is a range, and no case can be worked out",
    ),
    Planted(
        "estimate/intake",
        'put(_case_for(scope.get("network", "out"), scope.get("protocol", "iv-mood"), joint), path, written)',
        "pass",
        "a value that the model refuses is said",
    ),
    Planted(
        "estimate/intake",
        "return chance.high if isinstance(chance, Between) else 0 if chance in (None, UNKNOWN) else chance",
        "return chance.low if isinstance(chance, Between) else 0 if chance in (None, UNKNOWN) else chance",
        "chances that may pass the whole are taken",
    ),
    Planted(
        "estimate/resolve", "self._as_range(entry, value)", "pass", "the range of a first answer's chance is dropped"
    ),
    Planted(
        "estimate/resolve",
        "if home.locality and home.locality not in localities(home.state):",
        "if False:",
        "a city in another state ends the estimate",
    ),
    Planted(
        "estimate/cases",
        "new |= {name: most} if name in new else {family: own}",
        "new |= {name: most} if name in new else {}",
        "a drawn family amount below one person's ends the estimate",
    ),
    Planted(
        "estimate/cases", "if infusions + visits > WHOLE:", "if infusions > WHOLE:", "drawn chances pass the whole"
    ),
    Planted(
        "estimate/terms",
        'pairs = [("out_of_pocket_limit", "deductible")] if "deductible" in side.limit_counts else []',
        "pairs: list[tuple[str, str]] = []",
        "a limit below the deductible is no conflict",
    ),
    Planted(
        "estimate/saying",
        "scope = scope_of(resolve(intake, today))",
        "scope = scope_of(resolve(Intake(), today))",
        "a path is read in the scope of what was not said",
    ),
    Planted(
        "estimate/estimate",
        "if not self.main.shown.claims and not self.main.bottom.steps:",
        "if False:",
        "a treatment that does not take place is listed at $0",
    ),
]

POLICIES = [
    Planted(
        "model/policies",
        "return _ours(alike.low, alike.low, alike.central, policy)",
        "return own",
        "an insurer's written no leaves the usual chance",
    ),
    Planted(
        "model/policies",
        "alike = no if treatment == COVERED_IN_WRITING else own",
        "alike = own",
        "an insurer's written no to Spravato leaves the low end of a yes",
    ),
    Planted(
        "model/policies",
        "return _ours(own.central, covered.low, covered.central, policy)",
        "return _ours(own.central, covered.central, covered.central, policy)",
        "an insurer's policy that is only reported counts as read",
    ),
    Planted(
        "model/policies",
        "return _ours(0, own.low, own.central, policy)",
        "return own",
        "an insurer's criterion that is not met changes nothing",
    ),
    Planted(
        "model/policies",
        'return tuple(words for name, words in policy.criteria.items() if criteria.get(name) == "not met")',
        "return tuple(words for name, words in policy.criteria.items() if criteria.get(name))",
        "an insurer's criterion that is met caps the chance",
    ),
    Planted(
        "model/policies",
        "asks = plain.ask_first or policy.answer == COVERED",
        "asks = plain.ask_first",
        "an insurer's prior authorization is not asked for",
    ),
    Planted(
        "model/policies",
        "return known.policies.get(treatment) if known and payer_name in known.payers else None",
        "return known.policies.get(treatment) if known else None",
        "an insurer's policy holds for payers that it is not for",
    ),
    Planted(
        "model/policies",
        "visits = plain.visits * (WHOLE - yes.central) // left if left and yes.central != plain.infusions else plain.visits",
        "visits = min(plain.visits, WHOLE - yes.central)",
        "under an insurer's policy the first visit keeps more than its part of what is left",
    ),
    Planted(
        "model/policies",
        "return path_for(payer_name, COVERED_IN_WRITING)",
        "return path_for(payer_name, treatment)",
        "covered like Spravato is covered as before",
    ),
    Planted(
        "estimate/scenario",
        'return f"coverage begins on {us_day(first)}" if first and day < first else ""',
        'return f"coverage begins on {us_day(first)}" if first and day <= first else ""',
        "covered like Spravato from a day leaves that day out",
    ),
    Planted(
        "model/policies",
        "return covered",
        "return own",
        "beside other routes, covered like Spravato has the usual chance",
    ),
    Planted(
        "analysis/one_at_a_time",
        "return tuple(sorted(moved, key=lambda one: (-one.swing, one.path)))",
        "return tuple(sorted(moved, key=lambda one: (one.swing, one.path)))",
        "the number that moves an answer least is named as the one that moves it most",
    ),
]

BILLS = [
    Planted(
        "model/bills",
        "if self.replaced.get(k, -1) > max(k, at) or (k not in self.replaced and k > at):",
        "if k not in self.replaced and k > at:",
        "of two adjustments in a file that is newest first the older one stands",
    ),
    Planted(
        "model/bills",
        "if len(old) == len(new):",
        "if old:",
        "an adjustment takes out a row of its claim though another may be meant",
    ),
    Planted(
        "model/bills",
        'who = {"PR": False, "CO": True, "PI": True}',
        'who = {"PR": False, "CO": True, "PI": False}',
        "a denial that the payer starts is the patient's to pay",
    ),
    Planted(
        "model/bills",
        'text = _AMOUNT.sub("", _SEGMENT.sub(r"\\1-\\2;", text))',
        'text = _SEGMENT.sub(r"\\1-\\2;", text)',
        "an amount beside a reason is read as a reason",
    ),
    Planted(
        "model/bills",
        "reasons = [code for _, code in paired] or _REASON.findall(text)",
        "reasons = _REASON.findall(text)",
        "of a group and its reason together only the bare reasons are read",
    ),
    Planted(
        "model/bills",
        'found.gone.update(at for at, row in enumerate(bill) if row.kind == "void")',
        "pass",
        "a claim whose status says that it was taken back counts",
    ),
    Planted(
        "accounts/hsa",
        "return whole_cents(amount) if my_share <= WHOLE // 2 else -whole_cents(-amount)",
        "return whole_cents(amount)",
        "two parts of a couple's limit are a cent above it",
    ),
    Planted(
        "accounts/hsa",
        "if married is None and spouse and spouse.medicare_from and spouse.medicare_from <= date(year, 12, 31):",
        "if False:",
        "a spouse who went on Medicare is taken as divorced",
    ),
    Planted(
        "reports/text",
        "held = tables(plan, claim.line.date).plan",
        "held = plan",
        "what a later plan has used is told by the first plan's amounts",
    ),
    Planted(
        "model/adjudication",
        "return min(self.line.assistance, self.split.copay + self.split.deductible + self.split.coinsurance)",
        "return self.line.assistance",
        "help pays more of a line than the patient owes",
    ),
    Planted(
        "estimate/explain",
        "return order_of(intake, scenario.plan, scenario.second.plan).citations",
        "return ()",
        "the order of two plans has no source",
    ),
    Planted(
        "estimate/explain",
        "years = {plan_year_of(claim.line.date, starts).year for claim in answer.claims if claim.line.date < until}",
        "years = {plan_year_of(claim.line.date, starts).year for claim in answer.claims}",
        "a year with figures of its own is told as unchanged",
    ),
]

PAGES = [
    Planted(
        "estimate/milestones",
        "return tuple(sorted({one for one in _all(found) if one.day >= today}, key=lambda one: (one.day, one.what)))",
        "return tuple(sorted(set(_all(found)), key=lambda one: (one.day, one.what)))",
        "a date before the day of the numbers is given",
    ),
    Planted(
        "estimate/milestones",
        "begun = begun if path.asked_on else max(begun, scenario.today or date.min)",
        "begun = begun",
        "a request is dated before today",
    ),
    Planted(
        "estimate/assumed",
        "return {line.date for line in lines} - open_days",
        "return {line.date for line in lines}",
        "a price that was assumed is marked as said",
    ),
]
NOTHING = Planted("model/cost_sharing", "", "", "nothing is planted")
ALL = [
    *RULE,
    *MONEY,
    *ACCUMULATORS,
    *CLAIMS,
    *RULES,
    *COURSES,
    *OTHERS,
    *CALENDARS,
    *ACCOUNTS,
    *STARTS,
    *DECISIONS,
    *BILLS,
    *PAGES,
    *ESTIMATES,
    *POLICIES,
]


def source(folder: Path, error: Planted) -> Path:
    """The file of a copy in which an error is planted."""
    return folder / "ketacost" / f"{error.file}.py"


def plant(right: Path, folder: Path, error: Planted) -> None:
    """Write a file of a copy anew, with the wrong line. Raises ValueError where the right one is not there just once."""
    lines = source(right, error).read_text("utf-8").splitlines()
    places = [number for number, line in enumerate(lines) if error.right and line.strip() == error.right]
    if error.right and len(places) != 1:
        raise ValueError(f"{error.file}.py has this line {len(places)} times, not once: {error.right}")
    for number in places:
        indent = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
        lines[number] = indent + error.wrong
    source(folder, error).write_text("\n".join(lines) + "\n", "utf-8")


def copy(folder: Path) -> Path:
    """The package, its data and its tests in a folder, with a quicker profile."""
    folder.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(ROOT / name, folder / name)
    with (folder / "tests" / "conftest.py").open("a", encoding="utf-8") as file:
        file.write(PROFILE)
    return folder


def bite(right: Path, folder: Path, error: Planted) -> Caught:
    """Run the tests on a copy with a wrong rule: the first that fails, or nothing."""
    plant(right, folder, error)
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider"]
    room, module = error.file.split("/") if "/" in error.file else ("", error.file)
    tests = sorted(TESTS, key=lambda name: (f"test_{module}." not in name) + (not name.startswith(f"{room}/")))
    quick = {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    many = {"KETACOST_SCENARIOS": "10000"}
    try:
        run = subprocess.run(
            [*command, *(f"tests/{name}" for name in tests)],
            cwd=folder,
            env={**os.environ, **quick, **many},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Caught("no end", SECONDS)
    finally:
        shutil.copy(source(right, error), source(folder, error))
    found = re.search(r"^(?:FAILED|ERROR) tests/(.+?)( - .*)?$", run.stdout, re.MULTILINE)
    by = "" if run.returncode == 0 else found.group(1) if found else f"no test, ended with {run.returncode}"
    return Caught(by, time.monotonic() - began)


def main(words: list[str]) -> int:
    """Plant every error, two at a time, and tell."""
    errors = [NOTHING, *(error for error in ALL if all(word in error.means for word in words))]
    with tempfile.TemporaryDirectory() as base:
        right = copy(Path(base) / "right")
        folders: queue.Queue[Path] = queue.Queue()
        for number in range(WORKERS):
            folders.put(copy(Path(base) / str(number)))

        def one(error: Planted) -> Caught:
            folder = folders.get()
            try:
                return bite(right, folder, error)
            except ValueError as problem:
                return Caught(f"NOT PLANTED: {problem}", 0)
            finally:
                folders.put(folder)

        began, wide, wrong = time.monotonic(), max(len(error.means) for error in errors), 0
        with ThreadPoolExecutor(WORKERS) as pool:
            for error, caught in zip(errors, pool.map(one, errors), strict=True):
                told = caught.by or ("every test passes" if error is NOTHING else "SURVIVED")
                wrong += told.startswith(("NOT PLANTED", "SURVIVED")) or (error is NOTHING and bool(caught.by))
                print(f"{error.file:<24} {error.means:<{wide}}  {caught.seconds:5.1f} s  {told}", flush=True)
    print(f"{len(errors) - 1} planted, {wrong} not as it should be, {time.monotonic() - began:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
