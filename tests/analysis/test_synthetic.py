"""Synthetic cohorts: the shares of their sources, the same patients for a seed, and what differs between two is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import ketacost as kc
from ketacost.core.references import rows

pytest.importorskip("numba")
parquet = pytest.importorskip("pyarrow.parquet")

SIZE = 20_000


@pytest.fixture(scope="module")
def lines():  # type: ignore[no-untyped-def]
    return kc.cohort(SIZE, seed=7)


def test_the_shares_are_those_of_the_sources(lines) -> None:  # type: ignore[no-untyped-def]
    """Within 4 standard errors, for every state, plan kind, household and treatment."""
    people = lines.drop_duplicates("patient")
    for what in ("state", "plan_kind", "household", "protocol"):
        weights = {row["value"]: float(row["weight"]) for row in rows("cohort") if row["what"] == what}
        counted = people[what].value_counts()
        for value, weight in weights.items():
            part = weight / sum(weights.values())
            off = 4 * (part * (1 - part) / SIZE) ** 0.5
            assert counted.get(value, 0) / SIZE == pytest.approx(part, abs=off), value
    assert people["age"].between(18, 64).all()
    assert people.groupby("protocol", observed=True)["finishes"].mean().between(0.83, 0.87).all()
    ill = people[["age", "income"]].corr().iloc[0, 1]
    assert abs(ill) < 4 / SIZE**0.5


def test_a_seed_gives_the_same_patients_in_any_size_and_way(lines, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    few = kc.cohort(300, seed=7)
    assert few.equals(lines[lines["patient"] <= 300].reset_index(drop=True))
    assert not few["charge"].equals(kc.cohort(300, seed=8)["charge"])
    path = kc.cohort(21_000, seed=7, path=tmp_path / "cohort.parquet")
    table = parquet.read_table(path)
    assert table.slice(0, len(lines)).to_pandas()["charge"].equals(lines["charge"])
    assert table.schema.names == list(lines.columns)


def test_dates_are_days_to_compute_with(lines) -> None:  # type: ignore[no-untyped-def]
    assert lines["date"].dtype.kind == "M"
    assert lines["date"].dt.year.min() == 2026


@pytest.mark.parametrize("what", [{"size": "x"}, {"size": 2.5}, {"size": 2, "seed": "x"}, {"size": 2, "year": "soon"}])
def test_what_is_no_whole_number_is_told(what: dict[str, object]) -> None:
    name = list(what)[-1]
    with pytest.raises(kc.KetacostError, match=f"the {name} of a cohort is a whole number such as"):
        kc.cohort(**what)  # type: ignore[arg-type]


def test_results_keep_the_mark_in_totals_too(lines) -> None:  # type: ignore[no-untyped-def]
    some, plans = lines[lines["patient"] <= 50], kc.cohort_plans()
    for totals in (False, True):
        assert kc.adjudicate_frame(some, plans, totals=totals).attrs["ketacost"]["synthetic"] is True
    real = some.drop(columns="synthetic")
    assert "synthetic" not in kc.adjudicate_frame(real, plans, totals=True).attrs["ketacost"]


def test_no_line_is_told(lines) -> None:  # type: ignore[no-untyped-def]
    for none in (lines.iloc[:0], lines.iloc[:0].drop(columns="date").assign(date=[])):
        with pytest.raises(kc.KetacostError, match="lines: there is no line"):
            kc.adjudicate_frame(none, kc.cohort_plans())


def test_it_is_marked_synthetic_with_its_sources(lines, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert lines["synthetic"].all()
    assert lines.attrs["ketacost"]["synthetic"]
    path = kc.cohort(10, path=tmp_path / "cohort.parquet")
    mark = json.loads(parquet.read_schema(path).metadata[b"ketacost"])
    assert mark["synthetic"]
    assert len(mark["sources"]) == len(kc.cohort_sources()) > 4


def test_it_goes_through_its_plans_and_a_lever_moves_only_what_it_says(lines) -> None:  # type: ignore[no-untyped-def]
    """With every request approved more is paid for Spravato, and nothing changes for infusions."""
    plans, few = kc.cohort_plans(), lines[lines["patient"] <= 2_000]
    usual = kc.adjudicate_frame(few, plans)
    sure = kc.cohort(2_000, seed=7, approvals={"spravato": {"infusions too": "100%", "visits only": 0}})
    approved = kc.adjudicate_frame(sure, plans)
    before, after = (frame.groupby("protocol", observed=True)["plan_pays"].sum() for frame in (usual, approved))
    assert after["spravato"] > before["spravato"]
    assert after["iv-mood"] == before["iv-mood"]
    assert (approved["charge"] == usual["charge"]).all()
    half = kc.adjudicate_frame(few, plans, rule="half the deductible waived")
    assert half["you_pay"].sum() < usual["you_pay"].sum()


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(kc.KetacostError, match="at least one patient"):
        kc.cohort(0)
    with pytest.raises(kc.KetacostError, match="add to more than the whole"):
        kc.cohort(1, approvals={"spravato": {"infusions too": "90%"}})
    with pytest.raises(kc.KetacostError, match="approvals are of iv-mood and spravato, not of iv-pain"):
        kc.cohort(1, approvals={"iv-pain": {}})
