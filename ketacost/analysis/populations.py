"""Results of a cohort by group: what patients owe under each lever, by state, plan, income or any other column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from ketacost.analysis.later import pd
from ketacost.core.fields import KetacostError, of_kind, require
from ketacost.core.money import about
from ketacost.core.references import parameter
from ketacost.taxes.households import Contribution, Household
from ketacost.taxes.savings import as_if_nearest, saving_of

FIFTHS = ("lowest fifth", "second fifth", "middle fifth", "fourth fifth", "highest fifth")


class CohortGroup(NamedTuple):
    """A group of patients: how many, what is charged a patient, and what each owes under each lever, in cents.

    `of_income` is what they owe under the first lever as a part of their income, where incomes are known.
    """

    group: str
    patients: int
    charge: int
    owed: tuple[int, ...]
    of_income: Fraction | None


@dataclass(frozen=True)
class CohortTable:
    """Groups of a cohort side by side under each lever; amounts are means per patient, in cents."""

    by: str
    levers: tuple[str, ...]
    groups: tuple[CohortGroup, ...]
    whole: CohortGroup
    rules: tuple[str, ...]
    synthetic: bool

    @property
    def headline(self) -> str:
        """What all patients owe on average under each lever."""
        told = ", ".join(f"{name}: {about(cents)}" for name, cents in zip(self.levers, self.whole.owed, strict=True))
        marked = "synthetic " if self.synthetic else ""
        return f"{self.whole.patients:,} {marked}patients owe on average {told}."

    def __repr__(self) -> str:
        return f"CohortTable: {self.headline}"


def compare_cohorts(results: Mapping[str, pd.DataFrame], by: str) -> CohortTable:
    """What patients owe under each lever, by a column of the lines.

    `results` are frames of `adjudicate_frame` in dollars, by the name of the lever. All lines of a patient are in the
    same group; "income" makes five groups of equal size. What `hsa_saves` found is subtracted from what is owed. Raises
    KetacostError if there is no result, or a result lacks the column or has other patients. compare_cohorts({"today":
    frame, "capped": other}, "state").whole.owed.
    """
    of_kind("what is compared", results, Mapping, "results by name, as in {'today': adjudicate_frame(lines, plans)}")
    if not results:
        raise KetacostError("give at least one result, as in {'today': adjudicate_frame(lines, plans)}")
    people = {name: _people(frame, name, by) for name, frame in results.items()}
    first, *others = people.values()
    if any(not other.index.equals(first.index) for other in others):
        raise KetacostError("the results are of different patients; take the same lines, or cohorts of the same seed")
    group = first["group"]
    owed = {name: person["owed"] for name, person in people.items()}
    names = [str(name) for name in _in_order(group)]
    notes = tuple(dict.fromkeys(_rule(frame) for frame in results.values() if _rule(frame)))
    text = group.astype(str)
    groups = tuple(_group(name, first[text == name], owed) for name in names)
    synthetic = any("synthetic" in (*frame.columns, *frame.attrs.get("ketacost", ())) for frame in results.values())
    return CohortTable(by, tuple(results), groups, _group("all", first, owed), notes, synthetic)


def hsa_saves(results: pd.DataFrame, *, kinds: tuple[str, ...] = ("HDHP",), year: int = 2026) -> pd.DataFrame:
    """Add a column `tax_saved` to the results: the tax that patients with some kinds of plan save by using an HSA.

    Each patient pays what they owe, up to the year's limit, from pay before tax. We assume one wage earner per
    household, and that families file jointly. The amount is on a patient's first line. It needs the columns age, state,
    household, plan_kind and income of a synthetic cohort, and raises KetacostError without them.
    hsa_saves(results)["tax_saved"].sum().
    """
    of_a_patient = ["age", "state", "household", "plan_kind", "income"]
    for name in of_a_patient:
        require("column of the results", name, results.columns)
    grouped = results.groupby("patient", sort=False, observed=True)
    people = grouped[of_a_patient].first()
    people["owed"] = grouped["you_pay"].sum()
    saved = {who: _saved(row, year) if row["plan_kind"] in kinds else 0.0 for who, row in people.iterrows()}
    found = results.assign(tax_saved=0.0)
    begins = ~found["patient"].duplicated()
    found.loc[begins, "tax_saved"] = found.loc[begins, "patient"].map(saved)
    return found


def _saved(person: Any, year: int) -> float:
    """What one household saves in tax, in dollars."""
    family = person["household"] == "family"
    limit = parameter(f"hsa.contribution_limit.{'family' if family else 'self_only'}").on(date(year, 7, 1))
    amount = min(round(person["owed"] * 100), limit, int(person["income"]) * 100)
    if not amount:
        return 0.0
    age, wages = int(person["age"]), int(person["income"])
    filing: dict[str, Any] = {"filing_status": "married_joint", "spouse_age": age} if family else {}
    home = Household.of(**{"filing_status": "single", **filing}, year=year, state=person["state"], wages=wages, age=age)
    put_in = Contribution.by(amount, "payroll HSA")
    return saving_of(as_if_nearest(home, put_in), put_in).total / 100


def _people(frame: Any, name: str, by: str) -> Any:
    """A row for each patient: charge, what is owed, the group and the income, by patient."""
    for column in ("patient", "charge", "you_pay", by):
        if column not in frame.columns:
            raise KetacostError(
                f"the result {name!r} has no column {column!r}; its columns are {', '.join(frame.columns)}"
            )
    grouped = frame.groupby("patient", observed=True)
    found = grouped[["charge", "you_pay"]].sum().rename(columns={"you_pay": "owed"})
    if "tax_saved" in frame.columns:
        found["owed"] -= grouped["tax_saved"].sum()
    found["group"] = grouped[by].first()
    if "income" in frame.columns:
        found["income"] = grouped["income"].first()
    if by == "income":
        found["group"] = pd.qcut(found["income"].rank(method="first"), 5, labels=list(FIFTHS))
    return found


def _in_order(group: Any) -> list[Any]:
    """The groups in order: fifths from the lowest, all else by name."""
    known = set(group.astype(str))
    return [name for name in FIFTHS if name in known] or sorted(known)


def _group(name: str, people: Any, owed: Mapping[str, Any]) -> CohortGroup:
    means = [owed[lever].loc[people.index].mean() for lever in owed]
    income = people["income"].sum() if "income" in people.columns else 0
    of_income = Fraction(float(people["owed"].sum()) / float(income)).limit_denominator(10**6) if income else None
    cents = tuple(round(mean * 100) for mean in means)
    return CohortGroup(name, len(people), round(people["charge"].mean() * 100), cents, of_income)


def _rule(frame: Any) -> str:
    """What a result says of its rule, where it is not the usual one."""
    record = frame.attrs.get("ketacost", {})
    return str(record.get("not the usual rule", "")) if isinstance(record, Mapping) else ""
