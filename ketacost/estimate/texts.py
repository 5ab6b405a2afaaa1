"""What patients read, by language: data/texts_LANGUAGE.toml, with days, amounts and chances in its words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from ketacost.core.fields import require
from ketacost.core.money import about, ends
from ketacost.core.references import read_toml
from ketacost.core.resources import data_folder

Texts = Mapping[str, Any]

SURE = Fraction(95, 100)

SURELY = {
    "va-facility": "VA",
    "va-community-care": "VA",
    "medicaid": "Medicaid",
    "tricare": "TRICARE",
    "medicare-part-b": "Medicare",
}
"""What programs are called; any other payer is "the plan"."""


@cache
def languages() -> tuple[str, ...]:
    """The languages that have texts."""
    return tuple(sorted(path.stem.removeprefix("texts_") for path in data_folder().glob("texts_*.toml")))


@cache
def texts_of(language: str = "en", payer: str = "") -> Texts:
    """A language's texts, with who pays by name or as a plan. Raises UnknownName for a language without texts."""
    require("language", language, languages())
    texts, name = read_toml(f"texts_{language}.toml"), SURELY.get(payer, "")
    forms = {form: word.format(name=name) for form, word in texts["named" if name else "plan"].items()}

    def filled(text: Any) -> Any:
        if isinstance(text, Mapping):
            return {key: filled(part) for key, part in text.items()}
        if isinstance(text, list | tuple):
            return [filled(part) for part in text]
        for form, word in forms.items():
            text = text.replace(f"{{{form}}}", word) if isinstance(text, str) else text
        return text

    return {part: filled(text) for part, text in texts.items()}


def when(day: date, texts: Texts, form: str = "day") -> str:
    """A day in a language's words: as a "day", a "month", in a "text", as a "short" day or a "day_of_year"."""
    words, lists = texts["when"], {"day": "months", "month": "months", "text": "text_months"}
    months = words[lists.get(form, "short_months")]
    return str(words[form].format(day=day.day, month=months[day.month - 1], year=day.year))


def amount(cents: int, texts: Texts) -> str:
    """An amount in cents as patients read it: "about $800", "nothing"."""
    words = texts["amounts"]
    return str(words["about"].format(amount=about(cents)) if cents else words["nothing"])


def range_of(low: int, high: int, texts: Texts) -> str:
    """A range in cents as patients read it: "$40 to $290", "up to $290"; one amount where both ends round alike."""
    words, (first, last) = texts["amounts"], ends(low, high)
    if first == last:
        return str(words["one"].format(amount=last) if high else words["nothing"])
    return str(words["up_to" if first == "$0" else "between"].format(low=first, high=last))


def how_often(chance: Fraction, texts: Texts | None = None) -> str:
    """A chance as people understand it: "3 in 10", "1 in 3", "1 in 50"; "never" and "always" at the ends.

    In tenths, so that chances can be compared; a third, a quarter and what lies within 2 points of a quarter are said
    as such.
    """
    words = (texts or texts_of())["chances"]
    if chance in (0, 1):
        return str(words["always" if chance else "never"])
    if chance >= SURE:
        return str(words["nearly"])
    part, whole = f"{round(chance * 10)}", "10"
    if chance < Fraction(1, 12):
        part, whole = "1", f"{one_in(chance):,}"
    elif near := [n for n in (1, 3) if abs(chance - Fraction(n, 4)) <= Fraction(2, 100)]:
        part, whole = f"{near[0]}", "4"
    elif chance.denominator < 10 and 10 % chance.denominator:
        part, whole = f"{chance.numerator}", f"{chance.denominator}"
    return str(words["of"].format(part=part, whole=whole))


def one_in(chance: Fraction) -> int:
    """Of how many a small chance is one, as a number that people say: 40 for 2.4%, 150 for 0.6%."""
    number = round(1 / chance)
    steps = ((20, 1), (50, 5), (100, 10), (1_000, 50))
    step = next((step for most, step in steps if number < most), 10 ** (len(str(number)) - 2))
    return (number + step // 2) // step * step
