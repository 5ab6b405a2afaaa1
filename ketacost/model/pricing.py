"""How a plan sets allowed amounts that its schedule does not give, as data and in words; `allowed` works them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ketacost.core.fields import Fixed, checked, described, replace, require, unknown
from ketacost.core.money import Cents, Multiple, Share, percent
from ketacost.model.fee_schedule import SETTINGS, locality, locality_of, years

SCHEDULE: Final = "schedule"
SHARE_OF_CHARGE: Final = "share of charge"
USUAL_CHARGES: Final = "usual charges"
MEDICARE: Final = "multiple of Medicare"


@dataclass(frozen=True)
class Pricing:
    """How a plan sets allowed amounts: a share of the charge, usual charges near you, or a multiple of Medicare."""

    method: str = described(
        "How the plan sets what it counts",
        "schedule (only its own amounts), share of charge, usual charges, multiple of Medicare, or one you added.",
        SCHEDULE,
    )
    share: Share | None = described(
        "Share of that charge", "The part of the charge, or of the usual charge, that the plan counts.", None
    )
    usual: Mapping[str, Cents] = described(
        "Usual charges",
        "The local charge at the plan's percentile in dollars, for one unit of a code or for a service; ask the plan "
        "or FAIR Health.",
        default_factory=Fixed,
    )
    multiple: Multiple | None = described("Times Medicare", "How many times Medicare's payment the plan counts.", None)
    otherwise: Share | None = described(
        "Where Medicare has no fee",
        "The part of the charge that such a plan counts for a code if Medicare has no fee for it.",
        None,
    )
    zip: str = described("ZIP code of the clinic", "The clinic's ZIP code: Medicare pays by locality.", "")
    locality: str = described(
        "Medicare locality",
        "The locality by number or name, if the ZIP code is not known. If both are given, the locality is used.",
        "",
    )
    setting: Literal["non-facility", "facility"] = described(
        "Setting",
        "Where the service is given, in Medicare's terms: a clinic is non-facility, a hospital is a facility.",
        SETTINGS[0],
    )
    work_floor: bool = described(
        "Work index floor", "Whether Medicare's work index is at least 1, as laws have kept it through 2026.", True
    )
    medicare_year: int | None = described(
        "As if in", "The year whose Medicare fees we use for every day, for years whose fees are not known.", None
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "usual", Fixed(self.usual))
        require("setting", self.setting, SETTINGS)
        if self.medicare_year is not None and self.medicare_year not in years():
            raise unknown("year of Medicare's fees", self.medicare_year, years())
        if self.zip:
            locality_of(self.zip)
        if self.locality:
            locality(self.locality, years()[-1])
        checked(self)

    @property
    def place(self) -> str:
        """The number of the Medicare locality; empty for the nation."""
        if self.locality:
            return locality(self.locality, years()[-1]).id
        return locality_of(self.zip) if self.zip else ""

    replace = replace

    def __str__(self) -> str:
        """How the plan sets allowed amounts, as a counselor would say it: "140% of Medicare in MANHATTAN, NY"."""
        part = "" if self.share is None else f"{percent(self.share)} of "
        if self.method == SCHEDULE:
            return "the plan's own schedule"
        if self.method == SHARE_OF_CHARGE:
            return f"{part or 'a share of '}the charge"
        if self.method == USUAL_CHARGES:
            return f"{part}usual charges"
        if self.method != MEDICARE:
            return self.method
        times = "a multiple" if self.multiple is None else percent(self.multiple)
        where = f"in {locality(self.place, years()[-1])}" if self.place else "nationally"
        more = [
            ", in a facility" if self.setting == "facility" else "",
            "" if self.work_floor else ", without the work floor",
            "" if self.medicare_year is None else f", at {self.medicare_year} fees",
            "" if self.otherwise is None else f", else {percent(self.otherwise)} of the charge",
        ]
        return f"{times} of Medicare {where}{''.join(more)}"
