"""Random intakes: what people may say of a case, in pairs that touch, with values that fit and values that cannot be.

`random_entries(Random(seed))` is the same at every run. Entries whose meanings meet are drawn together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from random import Random

import pytest
from small_scenarios import forget_results

from ketacost.core.fields import KetacostError
from ketacost.estimate import cases
from ketacost.estimate import estimate as estimates
from ketacost.estimate.entries import TREATMENTS, offered_kinds
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.intake import UNKNOWN, Between, Intake, OneOf
from ketacost.model.denials import STANDINGS
from ketacost.model.payers import payers, treatment_of
from ketacost.model.plans import published_plans
from ketacost.model.protocols import protocol, protocols
from ketacost.taxes.households import STATES, STATUSES

TODAY = date(2026, 11, 27)
NETWORKS = ("in", "out", "preferred", "participating", "nonparticipating")
TOUCHING = (("plan", "network"), ("payer", "protocol"), ("family", "terms."), ("coverage", "protocol"))
"""Pairs of entries whose meanings meet: names, or beginnings of names."""

CARDS = ("denied", "visits only", "infusions too", "everything")
MONEY = (0, 80, 500, "475.50", 3_800, 20_000, UNKNOWN, Between(100, 900), Between(0, 5_000, 1_000))
SHARES = ("0%", "20%", "50%", "100%", UNKNOWN, Between("10%", "50%"))

Draw = Callable[[], object]


@contextmanager
def few_draws(number: int = 32) -> Iterator[None]:
    """Look at few cases instead of many, so that many estimates can be made; nothing of it is kept."""
    with pytest.MonkeyPatch.context() as patch:
        forget_results()
        patch.setattr(cases, "DRAWS", number)
        patch.setattr(estimates, "DRAWS", number)
        yield
    forget_results()


def random_entries(r: Random) -> dict[str, object]:
    """Entries of one case and the values said of them, in a random order; at least two of them touch."""
    entries = {**_who(r), **_course(r)}
    entries |= {**_terms(r, entries), **_answers(r, entries)}
    if r.random() < 0.4:
        entries |= _money(r)
    first, second = r.choice(TOUCHING)
    for name in (first, second):
        if not any(key.startswith(name) for key in entries):
            entries |= _one(r, name, entries)
    keys = list(entries)
    r.shuffle(keys)
    return {key: entries[key] for key in keys}


def said(entries: Mapping[str, object]) -> Intake:
    """The intake of entries; one that it refuses beside the others is left out."""
    intake = Intake()
    for key, value in entries.items():
        try:
            intake = intake.say(key, value)
        except KetacostError:
            continue
    return intake


def random_intake(r: Random) -> Intake:
    """The intake of random entries."""
    return said(random_entries(r))


def touch(keys: object) -> bool:
    """Whether two entries touch: plan and network, payer and treatment, family and terms, card and treatment."""
    names = tuple(keys)  # type: ignore[call-overload]
    return any(all(any(key.startswith(name) for key in names) for name in pair) for pair in TOUCHING)


def amounts_of(estimate: Estimate) -> tuple[object, ...]:
    """Every amount and chance of an estimate, to compare two of them."""
    return (
        estimate.sentence,
        estimate.looked_at,
        [(g.answers, g.whole, g.chance, g.likely, g.p10, g.p90, g.visits) for g in estimate.groups],
        estimate.calendar.months,
        estimate.steps_to_net,
    )


def wrong(r: Random) -> object:
    """Something that hardly any entry can take."""
    return r.choice(
        ("-5", "abc", "1e9", "40 %%", "2026-13-40", "Medicade", "99999999999999", ["x"], {"a": 1}, "٣", " ")
    )


def _pick(r: Random, drawn: Mapping[str, tuple[float, Draw]]) -> dict[str, object]:
    return {key: draw() for key, (chance, draw) in drawn.items() if r.random() < chance}


def _one(r: Random, name: str, entries: Mapping[str, object]) -> dict[str, object]:
    """One entry of a name or of a beginning of a name."""
    network = entries.get("network", "out")
    made: dict[str, tuple[str, object]] = {
        "plan": ("plan", r.choice(published_plans())),
        "network": ("network", r.choice(NETWORKS)),
        "payer": ("payer", r.choice(tuple(payers()))),
        "protocol": ("protocol", r.choice(tuple(protocols()))),
        "family": ("family", True),
        "terms.": (f"terms.{network}.deductible", r.choice(MONEY)),
        "coverage": ("coverage", r.choice(CARDS)),
    }
    return dict([made[name]])


def _who(r: Random) -> dict[str, object]:
    return _pick(
        r,
        {
            "payer": (0.6, lambda: r.choice(tuple(payers()))),
            "plan": (0.4, lambda: r.choice(published_plans())),
            "plan_kind": (0.2, lambda: r.choice(offered_kinds())),
            "network": (0.4, lambda: r.choice(NETWORKS)),
            "standing": (0.2, lambda: r.choice(STANDINGS)),
            "protocol": (0.8, lambda: r.choice(tuple(protocols()))),
            "start": (0.3, lambda: r.choice(("2026-12-07", "2027-01-11", "2024-01-10", "2026-08-03", "2027-12-20"))),
        },
    )


def _course(r: Random) -> dict[str, object]:
    """Visits, spacing, prices: of the protocol that the dice chose last, and now and then of another one."""
    name = r.choice(tuple(protocols()))
    drawn: dict[str, tuple[float, Draw]] = {
        "pauses": (0.05, lambda: [{"start": "2026-12-20", "days": 14}]),
        "closed": (0.05, lambda: ["2026-12-25", "2027-01-01"]),
        f"stop_after.{name}": (0.1, lambda: r.randint(0, 8)),
        f"bundled.{name}": (0.05, lambda: ["monitoring"]),
        "protocol": (0.7, lambda: name),
    }
    for phase in protocol(name).phases:
        drawn[f"visits.{name}.{phase.name}"] = (0.2, lambda: r.choice((0, 1, 3, 20)))
        drawn[f"days_apart.{name}.{phase.name}"] = (0.1, lambda: r.choice((1, 7, 40)))
    for service in protocol(name).price_groups:
        drawn[f"prices.{name}.{service}"] = (0.4, lambda: r.choice(MONEY))
        drawn[f"discounts.{name}.{service}"] = (0.05, lambda: "10%")
        for network in ("in", "out"):
            drawn[f"allowed.{network}.{name}.{service}"] = (0.2, lambda: r.choice((0, 240, UNKNOWN, Between(50, 400))))
    drawn[f"monthly_fee.{name}"] = (0.1, lambda: r.choice((0, 129, UNKNOWN, Between(50, 150))))
    return _pick(r, drawn)


def _terms(r: Random, entries: Mapping[str, object]) -> dict[str, object]:
    drawn: dict[str, tuple[float, Draw]] = {
        "family": (0.3, lambda: r.choice((True, False))),
        "deductible_kind": (0.2, lambda: r.choice(("embedded", "aggregate", UNKNOWN))),
        "limit_kind": (0.1, lambda: r.choice(("embedded", "aggregate", UNKNOWN))),
        "plan_year_starts": (0.2, lambda: r.choice((1, 9, UNKNOWN, OneOf((1, 7), ("70%", "30%"))))),
        "hsa_eligible": (0.05, lambda: r.choice((True, False))),
        "used.as_of": (0.2, lambda: r.choice(("2026-11-20", "2027-06-01", "2024-01-01"))),
    }
    for network in sorted({str(entries.get("network", "out")), r.choice(("in", "out"))}):
        terms, pricing = f"terms.{network}", f"pricing.{network}"
        drawn |= {
            f"{terms}.deductible": (0.3, lambda: r.choice(MONEY)),
            f"{terms}.coinsurance": (0.3, lambda: r.choice(SHARES)),
            f"{terms}.out_of_pocket_limit": (0.2, lambda: r.choice(("none", 100, 9_000, UNKNOWN))),
            f"{terms}.family_deductible": (0.15, lambda: r.choice((100, 5_000, UNKNOWN))),
            f"{terms}.family_out_of_pocket_limit": (0.15, lambda: r.choice((100, 18_000))),
            f"{terms}.copay": (0.2, lambda: r.choice((0, 80, UNKNOWN, Between(10, 50)))),
            f"{terms}.specialist.copay": (0.2, lambda: r.choice((0, 80))),
            f"{terms}.specialist.coinsurance": (0.1, lambda: r.choice(SHARES)),
            f"{terms}.specialist.deductible_applies": (0.1, lambda: r.choice((True, False))),
            f"{terms}.balance_bill": (0.1, lambda: r.choice(("owed", "written off"))),
            f"{terms}.pays": (0.15, lambda: r.choice((True, False, UNKNOWN))),
            f"used.patient.{network}.deductible": (0.2, lambda: r.choice((0, 400, 99_999, UNKNOWN))),
            f"used.patient.{network}.out_of_pocket": (0.1, lambda: r.choice((0, 400, 99_999, UNKNOWN))),
            f"used.family.{network}.deductible": (0.1, lambda: r.choice((0, 1_100))),
            f"{pricing}.method": (
                0.15,
                lambda: r.choice(("share of charge", "usual charges", "multiple of Medicare", "schedule")),
            ),
            f"{pricing}.share": (0.1, lambda: r.choice(("80%", UNKNOWN))),
            f"{pricing}.zip": (0.1, lambda: r.choice(("10001", "94110", "00000"))),
            f"{pricing}.multiple": (0.1, lambda: r.choice(("140%", UNKNOWN))),
        }
    return _pick(r, drawn)


def beside(r: Random, entries: Mapping[str, object]) -> dict[str, object]:
    """A second plan and its order, a later one, groups, an exception, a setting, the lines of services."""
    through = ("own job", "spouse's job", "a parent's job", "a former job", "COBRA", "bought alone", UNKNOWN)
    plans, network = published_plans(), str(entries.get("network", r.choice(("in", "out"))))
    kind = r.choice(tuple(protocols()))
    treatment = r.choice(TREATMENTS)
    drawn: dict[str, tuple[float, Draw]] = {
        "second.plan": (0.5, lambda: r.choice((*plans, UNKNOWN))),
        "second.plan_kind": (0.2, lambda: r.choice((*offered_kinds(), UNKNOWN))),
        "later.plan_kind": (0.2, lambda: r.choice(offered_kinds())),
        "second.goes": (0.2, lambda: r.choice(("first", "second", UNKNOWN, OneOf(("first", "second"))))),
        "second.coordination": (0.3, lambda: r.choice(("standard", "carve-out", UNKNOWN))),
        "second.network": (0.1, lambda: r.choice(("in", "out", "preferred"))),
        "second.held_through": (0.3, lambda: r.choice(through)),
        "held_through": (0.3, lambda: r.choice(through)),
        "employer_size": (0.3, lambda: r.choice(("under 20", "20 to 99", "100 or more", UNKNOWN))),
        "medicare_because": (0.2, lambda: r.choice(("age", "disability"))),
        "earlier_birthday": (0.1, lambda: r.choice(("this plan", "second plan", UNKNOWN))),
        f"second.used.{network}.deductible": (0.2, lambda: r.choice((0, 100, 99_999, UNKNOWN))),
        "later.plan": (0.4, lambda: r.choice((*plans, UNKNOWN))),
        "later.starts": (0.4, lambda: r.choice(("2026-12-15", "2027-01-01", "2024-01-01", "2029-01-01"))),
        "later.credit": (0.2, lambda: r.choice((True, False, UNKNOWN))),
        f"groups.{network}.drug.deductible": (0.2, lambda: r.choice(MONEY)),
        f"groups.{network}.drug.out_of_pocket_limit": (0.2, lambda: r.choice((0, 3_000))),
        f"groups.{network}.care.benefits": (0.1, lambda: r.choice(("drug", "specialist, therapy"))),
        "exception": (0.2, lambda: r.choice(("gap exception", "single-case agreement", UNKNOWN))),
        "setting": (0.2, lambda: r.choice(("clinic", "hospital outpatient"))),
        "drug_benefit": (0.2, lambda: r.choice(("medical", "pharmacy", UNKNOWN))),
        f"terms.{network}.pharmacy_drug.coinsurance_most": (0.1, lambda: r.choice((0, 250))),
        f"terms.{network}.pharmacy_drug.coinsurance_least": (0.1, lambda: r.choice((0, 50, 500))),
        f"terms.{network}.highest_copay_a_day": (0.1, lambda: "specialist, therapy"),
        "deductible_months": (0.1, lambda: r.choice((1, 12))),
        "deductible_carryover": (0.1, lambda: r.choice(("none", "last three months"))),
        f"approval.{treatment}.weeks": (0.1, lambda: r.choice((1, 12, UNKNOWN))),
    }
    for which in ("second", "later"):
        terms = f"{which}.terms.{network}"
        drawn[f"{terms}.deductible"] = (0.1, lambda: r.choice(MONEY))
        drawn[f"{terms}.out_of_pocket_limit"] = (0.1, lambda: r.choice((*MONEY, "none")))
        drawn[f"{terms}.coinsurance"] = (0.1, lambda: r.choice(("0%", "40%", UNKNOWN)))
        drawn[f"{terms}.copay"] = (0.1, lambda: r.choice((0, 80, UNKNOWN)))
    for service in protocol(kind).price_groups:
        drawn[f"lines.{service}"] = (0.1, lambda: r.choice(("specialist", "clinic_infusion")))
    return _pick(r, drawn)


def _answers(r: Random, entries: Mapping[str, object]) -> dict[str, object]:
    payer = str(entries.get("payer", "employer-insured"))
    treatments = {treatment_of(str(entries.get("protocol", "iv-mood"))), r.choice(TREATMENTS)}
    drawn: dict[str, tuple[float, Draw]] = {
        "coverage": (0.2, lambda: r.choice((*CARDS, UNKNOWN, OneOf(("denied", "infusions too"), ("60%", "40%"))))),
        "waived": (0.1, lambda: True),
        "steps.ask_first": (0.2, lambda: r.choice((True, False))),
        "steps.appeal": (0.2, lambda: r.choice((True, False))),
        "steps.review": (0.2, lambda: r.choice((True, False))),
        "step_costs.internal_appeal": (0.1, lambda: 100),
        "if_denied": (0.15, lambda: r.choice(("go on", "stop"))),
        "denied_line": (0.15, lambda: r.choice(("patient", "provider", UNKNOWN))),
        "notice": (0.1, lambda: r.choice(("yes", "no"))),
        "denied_before": (0.1, lambda: r.choice((True, False))),
    }
    for treatment in sorted(treatments):
        odds = f"odds.{payer}.{treatment}"
        drawn |= {
            f"{odds}.infusions": (0.1, lambda: r.choice(("20%", "100%", "0%", UNKNOWN))),
            f"{odds}.visits": (0.1, lambda: r.choice(("20%", "80%", "0%"))),
            f"{odds}.internal": (0.05, lambda: r.choice(("20%", UNKNOWN, Between("10%", "50%")))),
            f"approval.{treatment}.until": (0.1, lambda: r.choice(("2027-03-31", "2026-01-01", "2028-01-01"))),
            f"excluded.{payer}.{treatment}": (0.05, lambda: True),
        }
    return _pick(r, drawn)


def _money(r: Random) -> dict[str, object]:
    return _pick(
        r,
        {
            "household.state": (0.4, lambda: r.choice(tuple(STATES))),
            "household.wages": (0.3, lambda: r.choice((0, 38_000, 250_000))),
            "household.filing_status": (0.2, lambda: r.choice(STATUSES)),
            "household.age": (0.2, lambda: r.choice((19, 68))),
            "household.spouse_wages": (0.2, lambda: 41_000),
            "contribution.health_fsa": (0.2, lambda: r.choice((300, 3_000, 9_000))),
            "contribution.payroll_hsa": (0.2, lambda: r.choice((300, 4_400, 9_000))),
            "next_contribution.health_fsa": (0.1, lambda: r.choice((300, 3_000, 9_000))),
            "next_contribution.direct_hsa": (0.1, lambda: r.choice((300, 9_000))),
            "on_hand.fsa_left": (0.1, lambda: r.choice((120, 3_000))),
            "on_hand.hsa_balance": (0.1, lambda: 900),
            "paying.assistance": (0.2, lambda: r.choice((100, 4_560))),
            "paying.rebate": (0.1, lambda: 100),
            "paying.deposit": (0.1, lambda: 200),
            "paying.loan.amount": (0.1, lambda: 2_000),
            "paying.loan.apr": (0.05, lambda: "12%"),
            "title": (0.05, lambda: "A case"),
        },
    )
