"""The step of the form on help: whose taxes, and what goes into tax-free accounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from ketacost.accounts.loans import Loan
from ketacost.accounts.paying import Paying
from ketacost.core.fields import words
from ketacost.core.references import NotKnownOn, parameter
from ketacost.estimate.scenario import Scenario
from ketacost.taxes.households import STATES, Contribution, Household
from ketacost.workbench.controls import control, plainly
from ketacost.workbench.help_changes import START_WAGES

FILING = {
    "single": "Single",
    "married_joint": "Married, filing jointly",
    "married_separate": "Married, filing separately",
    "head_of_household": "Head of household",
    "surviving_spouse": "Surviving spouse",
}


def help_controls(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """The controls of the help step: what others give and what is borrowed, the household's taxes, what it puts in."""
    yield from _paying(scenario)
    home, label = scenario.household, words(Household)
    states = [["", "Not chosen"], *([state, state] for state in sorted(STATES))]
    yield control(
        "household.state",
        label["state"][0],
        "choice",
        home.state if home else "",
        options=states,
        help=label["state"][1],
    )
    if home is None:
        yield control(
            "", "Why", "note", "What an HSA or FSA saves depends on the state, the filing status and the wages."
        )
        return
    statuses = [[name, FILING[name]] for name in FILING]
    yield control("household.filing_status", label["filing_status"][0], "choice", home.filing_status, options=statuses)
    yield control(
        "household.wages",
        label["wages"][0],
        "money",
        plainly(home.wages),
        min=0,
        max=max(250_000, home.wages // 100),
        step=1_000,
        help=label["wages"][1],
        hint="Where the form starts, nobody's wages: enter your own" if home.wages == START_WAGES else "As entered",
    )
    yield control("household.age", label["age"][0], "int", home.age, min=18, max=100, slider=False)
    if home.spouse_age is not None:
        yield control(
            "household.spouse_wages",
            label["spouse_wages"][0],
            "money",
            plainly(home.spouse_wages),
            min=0,
            max=max(250_000, home.spouse_wages // 100),
            step=1_000,
        )
        yield control(
            "household.spouse_age", label["spouse_age"][0], "int", home.spouse_age, min=18, max=100, slider=False
        )
    put_in, told = scenario.contribution, words(Contribution)
    for name, most in (
        ("health_fsa", _most("fsa.contribution_limit", home)),
        ("payroll_hsa", _most("hsa.contribution_limit.family", home)),
        ("direct_hsa", _most("hsa.contribution_limit.family", home)),
    ):
        hint = f"At most ${most:,} in {home.year}" if most else "This year's limit was not found"
        amount = getattr(put_in, name)
        yield control(
            f"contribution.{name}",
            told[name][0],
            "money",
            plainly(amount),
            min=0,
            max=most or 10_000,
            step=50,
            help=told[name][1],
            hint=hint,
        )


def _paying(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """What others give, what is paid ahead, what is borrowed, and how often the superbills go out."""
    paying, label, loan = scenario.paying, words(Paying), scenario.paying.loan
    for name in ("assistance", "rebate", "deposit"):
        amount = getattr(paying, name)
        top = max(5_000, amount // 100)
        yield control(
            f"paying.{name}", label[name][0], "money", plainly(amount), min=0, max=top, step=50, help=label[name][1]
        )
    about = words(Loan)
    borrowed = plainly(loan.amount) if loan else "0"
    yield control(
        "paying.loan.amount", "Borrowed", "money", borrowed, min=0, max=10_000, step=100, help=about["amount"][1]
    )
    if loan:
        rate = str(loan.apr / 100).removesuffix(".0")
        yield control("paying.loan.apr", "Rate of the loan (APR)", "share", rate, min=0, max=40, step=1)
        yield control("paying.loan.months", "Months to pay it back", "int", loan.months, min=1, max=84)
    days, sent = label["pay_days"], label["superbills_every"]
    options = [["12", "Every month"], ["24", "Twice a month"], ["26", "Every two weeks"], ["52", "Every week"]]
    yield control("paying.pay_days", "Paid", "choice", str(paying.pay_days), options=options, help=days[1])
    yield control("paying.superbills_every", sent[0], "int", paying.superbills_every, min=0, max=120, help=sent[1])


def help_summary(scenario: Scenario) -> str:
    """What the step stands at."""
    if scenario.household is None:
        given = scenario.paying.assistance + scenario.paying.rebate
        return f"No household given{f'; ${given // 100:,} from others' if given else ''}"
    amount = scenario.contribution.amount
    return f"{scenario.household.state}, {FILING[scenario.household.filing_status].lower()}; ${amount // 100:,} put in"


def _most(name: str, home: Household) -> int:
    try:
        return parameter(name).on(date(home.year, 1, 1)) // 100
    except NotKnownOn:
        return 0
