"""Synthetic cohorts: any number of patients by a seed, from sourced shares, as claim lines. No patient is real.

Age, household, plan, income, prices, treatment and drop-out are drawn independently of each other; the state alone
changes something else: charges and allowed amounts follow Medicare's practice-expense index there, an assumption.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from ketacost.analysis.later import needed, np, pa, parquet, pd
from ketacost.analysis.plan_rows import FAMILY, for_family
from ketacost.core.fields import KetacostError
from ketacost.core.money import WHOLE, share
from ketacost.core.references import Source, rows, source
from ketacost.core.writing import new_file
from ketacost.estimate.running import goes_on
from ketacost.estimate.scenario import COVERS
from ketacost.model.allowed import typical_allowed
from ketacost.model.courses import Course, service_lines, typical_prices
from ketacost.model.payers import OUTCOMES, payer
from ketacost.model.plans import Plan, published_plan, published_plans
from ketacost.model.protocols import protocol, service

BLOCK = 20_000
"""Patients of one stream of random numbers: a larger cohort begins with the same patients."""

KINDS = {"PPO": ("PPO",), "HDHP": ("HDHP",), "HMO": ("HMO", "EPO"), "POS": ("PPO",)}
"""The kinds of published plans whose terms a kind of coverage has, each as likely as the others of its kind."""

NETWORK = {"iv-mood": "out", "spravato": "in"}
"""Where a treatment is had: most infusion clinics take no insurance, and Spravato is billed by those that do."""

PERCENTILES = (0.0, 0.1, 0.5, 0.9, 1.0)


class Mix(NamedTuple):
    """The values of a characteristic, with their shares of the whole."""

    values: tuple[str, ...]
    shares: tuple[float, ...]


def cohort(
    size: int,
    seed: int = 1,
    *,
    year: int = 2026,
    approvals: Mapping[str, Mapping[str, object]] | None = None,
    path: str | Path | None = None,
) -> pd.DataFrame | Path:
    """A synthetic cohort as claim lines for `adjudicate_frame`: sourced shares, drawn by a seed, no real patient.

    Columns: patient, plan, date, network, service, benefit, charge, allowed, covered (dollars are floats), and of each
    patient age, state, household, plan_kind, income (household, USD a year), protocol, answer and finishes. The first
    visits lie in `year`. `approvals` changes the chance of an answer by treatment, as in {"spravato": {"infusions too":
    "95%"}}; all else is drawn the same way, so two cohorts with one seed differ in nothing else. With `path` the lines
    are written to a Parquet file, with little memory, and the path is returned. Every frame and file is marked
    synthetic; `date` is datetime64. Raises KetacostError unless the size is a whole number of at least 1: cohort(1_000,
    seed=7)["patient"].nunique() is 1000.
    """
    needed("numpy", "pyarrow")
    for name, number, example in (("size", size, "1_000"), ("seed", seed, "7"), ("year", year, "2026")):
        if type(number) is not int:
            raise KetacostError(f"the {name} of a cohort is a whole number such as {example}, got {number!r}")
    if size < 1 or seed < 0:
        raise KetacostError(f"a cohort has at least one patient and a seed of 0 or more, got {size} and {seed}")
    tables = _tables(size, seed, year, _answers(approvals or {}))
    if path is None:
        frame = pa.concat_tables(list(tables)).to_pandas(date_as_object=False)
        frame.attrs["ketacost"] = _mark(size, seed)
        return frame  # type: ignore[no-any-return]
    first = next(tables)
    mark = {"ketacost": json.dumps(_mark(size, seed))}
    with new_file(path) as (file, _), parquet.ParquetWriter(file, first.schema.with_metadata(mark)) as writer:
        for table in chain([first], tables):
            writer.write_table(table.replace_schema_metadata(mark))
    return Path(path)


def cohort_plans() -> dict[str, Plan]:
    """The plans that a synthetic cohort names: published designs, for one person and for a family.

    We assume that family amounts are embedded if the design does not say. cohort_plans()["nextgen-2026-2000"].kind.
    """
    plans = {}
    for name in sorted({name for names in _designs().values() for name in names}):
        plan = published_plan(name).plan
        plans[name] = plan
        plans[f"{name}{FAMILY}"] = for_family(plan)
    return plans


def cohort_sources() -> tuple[Source, ...]:
    """The sources of the shares that a synthetic cohort is drawn from: kc.frame(cohort_sources())."""
    return tuple(source(name) for name in dict.fromkeys(row["source"] for row in rows("cohort")))


def _mark(size: int, seed: int) -> dict[str, Any]:
    return {"synthetic": True, "patients": size, "seed": seed, "sources": [str(one) for one in cohort_sources()]}


@cache
def _mix(what: str) -> Mix:
    """The values of a characteristic in `data/cohort.csv`, with their shares."""
    found = [(row["value"], float(row["weight"])) for row in rows("cohort") if row["what"] == what]
    whole = sum(weight for _, weight in found)
    return Mix(tuple(value for value, _ in found), tuple(weight / whole for _, weight in found))


@cache
def _designs() -> Mapping[str, tuple[str, ...]]:
    """The published designs of each kind of coverage that state what the treatments need, in and out of network."""
    known = [
        name for name in published_plans() if published_plan(name).in_window and _states(published_plan(name).plan)
    ]
    return {
        kind: tuple(name for name in known if published_plan(name).plan.kind in kinds) for kind, kinds in KINDS.items()
    }


def _states(plan: Plan) -> bool:
    """Whether a plan has both networks and states what it pays for every service there."""
    benefits = {service(kind).benefit for name in _mix("protocol").values for kind in typical_prices(name).charges}
    networks = plan.paying_networks.values()
    gaps = [plan.network_gaps(side) or side.benefit(name)[0].gaps() for side in networks for name in benefits]
    return {"in", "out"} == set(plan.networks) and not any(gaps)


@cache
def _index() -> Mapping[str, float]:
    """Medicare's practice-expense index by state: the mean of its localities in the latest year."""
    latest = max(row["year"] for row in rows("medicare/localities"))
    of: dict[str, list[float]] = {}
    for row in rows("medicare/localities"):
        if row["year"] == latest:
            for state in row["state"].split("/"):
                of.setdefault(state, []).append(float(row["pe_gpci"]))
    return {state: sum(found) / len(found) for state, found in of.items()}


def _answers(approvals: Mapping[str, Mapping[str, object]]) -> dict[str, tuple[float, ...]]:
    """The chances of denied, visits only and infusions too by treatment: an insured employer's, or as said."""
    found = {}
    for name in _mix("protocol").values:
        usual = payer("employer-insured").chances(name)
        said = {answer: share(part, what=answer) for answer, part in approvals.get(name, {}).items()}
        yes = [said.get(answer, usual[answer].central) / WHOLE for answer in OUTCOMES[1:]]
        if sum(yes) > 1:
            raise KetacostError(f"the chances of {name} add to more than the whole: {said}")
        found[name] = (1 - sum(yes), *yes)
    unknown = set(approvals) - set(found)
    if unknown:
        raise KetacostError(f"approvals are of {' and '.join(found)}, not of {', '.join(sorted(unknown))}")
    return found


class _Template(NamedTuple):
    """The whole course of a treatment: for each charged line its visit, days from the first one, and its service."""

    visit: Any
    day: Any
    service: Any
    names: tuple[str, ...]
    first_series: int
    visits: int


@cache
def _template(name: str, year: int) -> _Template:
    prices = typical_prices(name)
    lines = [line for line in service_lines(Course(name, date(year, 1, 5)), prices) if line.charge]
    days = sorted({line.date for line in lines})
    names = tuple(prices.charges)
    phases = protocol(name).phases
    return _Template(
        np.array([days.index(line.date) for line in lines]),
        np.array([(line.date - days[0]).days for line in lines]),
        np.array([names.index(line.service) for line in lines]),
        names,
        sum(phase.visits for phase in phases[:2]),
        len(days),
    )


def _quantiles(low: int, likely: int, high: int) -> tuple[float, ...]:
    """Cents at PERCENTILES: both ends drawn out by the same slope and cut at nothing."""
    return max(low - (likely - low) / 4, 0), low, likely, high, high + (high - likely) / 4


def _tables(size: int, seed: int, year: int, answers: Mapping[str, tuple[float, ...]]) -> Iterator[pa.Table]:
    """The cohort in blocks of patients, each from its own stream of random numbers."""
    for block, begin in enumerate(range(0, size, BLOCK)):
        yield _block(begin, min(BLOCK, size - begin), [seed, block], year, answers)


def _block(begin: int, count: int, seed: list[int], year: int, answers: Mapping[str, tuple[float, ...]]) -> pa.Table:
    draws = np.random.default_rng(seed).random((16, BLOCK))[:, :count]  # a smaller cohort has the same first patients
    drawn: dict[str, Any] = {}
    for number, what in enumerate(("age", "state", "household", "plan_kind", "income", "protocol")):
        mix = _mix(what)
        drawn[what] = np.minimum(np.searchsorted(np.cumsum(mix.shares), draws[number]), len(mix.values) - 1)
    within = {
        what: _within(_mix(what).values, drawn[what], draws[place]) for place, what in ((6, "age"), (7, "income"))
    }
    plans, plan = _plans(drawn, draws[8])
    index = np.array([_index()[state] for state in _mix("state").values])[drawn["state"]]
    parts = []
    for number, name in enumerate(_mix("protocol").values):
        mine = np.flatnonzero(drawn["protocol"] == number)
        parts.append(_lines(name, year, draws[9:, mine], mine, index[mine], answers[name]))
    who, lines = np.concatenate([part[0] for part in parts]), [part[1] for part in parts]
    order = np.lexsort((np.concatenate([line["day"] for line in lines]), who))
    joined = {name: np.concatenate([line[name] for line in lines])[order] for name in lines[0]}
    who = who[order]

    def words(codes: Any, values: tuple[str, ...] | list[str]) -> Any:
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(list(values)))

    networks = [NETWORK[name] for name in _mix("protocol").values]
    kinds = sorted({name for name in _mix("protocol").values for name in _template(name, year).names})
    benefits = [service(kind).benefit for kind in kinds]
    return pa.table(
        {
            "patient": begin + 1 + who,
            "plan": words(plan[who], plans),
            "date": pa.array(joined["day"].astype(np.int32)).cast(pa.date32()),
            "network": words(drawn["protocol"][who], networks),
            "service": words(joined["service"], kinds),
            "benefit": words(joined["service"], benefits),
            "charge": joined["charge"] / 100,
            "allowed": joined["allowed"] / 100,
            "covered": joined["covered"],
            "age": within["age"][who].astype(np.int16),
            "state": words(drawn["state"][who], _mix("state").values),
            "household": words(drawn["household"][who], _mix("household").values),
            "plan_kind": words(drawn["plan_kind"][who], _mix("plan_kind").values),
            "income": within["income"][who].astype(np.int32) // 100 * 100,
            "protocol": words(drawn["protocol"][who], _mix("protocol").values),
            "answer": words(joined["answer"], OUTCOMES),
            "finishes": joined["finishes"],
            "synthetic": np.ones(who.size, bool),
        }
    )


def _within(values: tuple[str, ...], codes: Any, draw: Any) -> Any:
    """A number in the span of each value, such as 18-29, every one as likely as the others."""
    spans = np.array([[int(end) for end in value.split("-")] for value in values])
    low, high = spans[codes, 0], spans[codes, 1]
    return low + np.floor(draw * (high - low + 1)).astype(np.int64)


def _plans(drawn: Mapping[str, Any], draw: Any) -> tuple[list[str], Any]:
    """The plans that are named, and each patient's as a number among them."""
    single = list(dict.fromkeys(name for names in _designs().values() for name in names))
    plans = [*single, *(f"{name}{FAMILY}" for name in single)]
    of_kind = [np.array([single.index(name) for name in _designs()[kind]]) for kind in _mix("plan_kind").values]
    sizes = np.array([found.size for found in of_kind])[drawn["plan_kind"]]
    place = np.minimum((draw * sizes).astype(np.int64), sizes - 1)
    starts = np.cumsum([0, *(found.size for found in of_kind)])[drawn["plan_kind"]]
    chosen = np.concatenate(of_kind)[starts + place]
    family = np.array([value == "family" for value in _mix("household").values])[drawn["household"]]
    return plans, chosen + len(single) * family


def _lines(
    name: str, year: int, draws: Any, mine: Any, index: Any, chances: tuple[float, ...]
) -> tuple[Any, dict[str, Any]]:
    """The lines of the patients of a treatment, visit by visit until they stop; with whose each is.

    `draws` has a row for the price, the allowed amount, finishing the first series, going on, the visit at which one
    stops before its end, the plan's answer and the week of the first visit.
    """
    course = _template(name, year)
    finishes = draws[2] < _finishing(name)
    stops = 1 + np.floor(draws[4] * (course.first_series - 1)).astype(np.int64)
    whole = np.where(draws[3] < goes_on().central / WHOLE, course.visits, course.first_series)
    visits = np.where(finishes, whole, stops)
    answer = np.searchsorted(np.cumsum(chances), draws[5], side="right").clip(max=len(OUTCOMES) - 1)
    monday = date(year, 1, 5).toordinal() - date(1970, 1, 1).toordinal()
    first = monday + 7 * np.floor(draws[6] * 52).astype(np.int64)
    who, line = np.nonzero(course.visit[None, :] < visits[:, None])
    kinds = sorted({kind for each in _mix("protocol").values for kind in _template(each, year).names})
    charges, allowed, covers = [], [], []
    for kind in course.names:
        levels = (typical_prices(name, level).charges[kind] for level in ("low", "likely", "high"))
        charges.append(np.interp(draws[0], PERCENTILES, _quantiles(*levels)))
        levels = (typical_allowed(level)[kind] for level in ("low", "likely", "high"))
        allowed.append(np.interp(draws[1], PERCENTILES, _quantiles(*levels)))
        covers.append([service(kind).part in COVERS[outcome] for outcome in OUTCOMES])
    each = course.service[line]
    return mine[who], {
        "day": first[who] + course.day[line],
        "service": np.array([kinds.index(kind) for kind in course.names])[each],
        "charge": np.rint(np.array(charges)[each, who] * index[who]).astype(np.int64),
        "allowed": np.rint(np.array(allowed)[each, who] * index[who]).astype(np.int64),
        "covered": np.array(covers)[each, answer[who]],
        "answer": answer[who],
        "finishes": finishes[who],
    }


def _finishing(name: str) -> float:
    """The share who finish the first series of a treatment."""
    found = [row for row in rows("cohort") if row["what"] == "finishes_first_series" and row["value"] == name]
    return float(found[0]["weight"]) / 100
