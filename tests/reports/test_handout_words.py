"""The words of the handout: the same in both languages, none in the code, easy to read, a draft told as one."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import textstat
import textstat.backend.counts._count_syllables as counting
from handout_parts import PAGES, TEXTS, Parts, body, days, page_of

import ketacost as kc
from ketacost.core.fields import UnknownName
from ketacost.estimate import sentences, texts
from ketacost.estimate.resolve import resolve
from ketacost.estimate.scenario import example, examples
from ketacost.estimate.texts import SURELY
from ketacost.model.protocols import DOSES, protocols
from ketacost.reports import handout as handouts
from ketacost.reports import handout_words
from ketacost.reports.handout import handout

# Words in two languages


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, f"{path}.{key}")
    elif isinstance(tree, list | tuple):
        for number, value in enumerate(tree):
            yield from leaves(value, f"{path}[{number}]")
    else:
        yield path, tree


def fields_of(text: object) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(str(text)) if name}


def test_both_languages_say_the_same_things() -> None:
    english, spanish = (dict(leaves(TEXTS[language])) for language in ("en", "es"))
    assert list(english) == list(spanish)
    differs = {path for path in english if fields_of(english[path]) != fields_of(spanish[path])}
    reasons = {".answer.saves_nothing", ".answer.who_owes", ".answer.nothing.borne_by_rule"}
    assert differs == reasons, "a rule's own reason is in English alone"
    assert texts.languages() == ("en", "es")


def test_a_program_is_called_by_its_name() -> None:
    """VA, Medicaid, Medicare and TRICARE are no plan, and have no plan card; in Spanish neither."""
    for payer, name in SURELY.items():
        for protocol, network in (("iv-mood", "out"), ("iv-mood", "in"), ("spravato", "in")):
            entries = {"payer": payer, "protocol": protocol, "network": network}
            found = kc.estimate(resolve(kc.intake(entries), date(2026, 11, 27)))
            english, spanish = body(handout(found)), body(handout(found, "es"))
            assert re.findall(r"(?i)\b(?:the|your|my) plan\b(?! year)|plan card", english) == []
            assert re.findall(r"(?i)\b(?:del?|el|su|mi) plan\b", spanish) == []
            if name != "VA":
                assert f"your {name} card" in english
                assert f"su tarjeta de {name}" in spanish


@pytest.mark.parametrize("language", TEXTS)
def test_every_treatment_has_a_name_that_patients_know(language: str) -> None:
    assert set(TEXTS[language]["treatments"]) == set(protocols())
    assert set(TEXTS[language]["doses"]) == {protocol.route for protocol in protocols().values()}
    assert TEXTS["en"]["doses"] == DOSES


def test_a_treatment_of_ones_own_is_called_what_its_label_says(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = {**TEXTS["en"], "treatments": {}}
    monkeypatch.setattr(handouts, "texts_of", lambda language, payer: bare)
    assert "IV ketamine for depression: 16 visits" in body(page_of("readme-patient"))


def test_spanish_draws_a_preposition_and_its_article_together() -> None:
    for name, language in PAGES:
        if language == "es":
            assert re.findall(r"(?i)\b(?:a|de) el\b", body(page_of(name, "es"))) == [], name


def test_spanish_writes_days_and_dollars_as_its_readers_do() -> None:
    told = body(page_of("readme-patient", "es"))
    assert "del 30 de noviembre de 2026 al 4 de noviembre de 2027" in told
    assert "Casi con seguridad pagará unos $7,790 (" in told
    assert "30 dic 2026:" in told
    assert not any(month in told for month in ("November", "December", "Nov ", "Dec "))


def test_a_language_without_texts_is_told() -> None:
    with pytest.raises(UnknownName, match="language"):
        page_of("readme-patient", "fr")


def test_an_unreviewed_page_says_so_in_a_line_and_prints_with_the_page_in_english(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    estimate = kc.estimate(example("readme-patient"))
    line = "Traducción sin revisar; vale la versión en inglés."
    page, alone = handout(estimate, "es"), handout(estimate)
    assert [page.count(f"<small>{line}</small>"), line in alone] == [1, False]
    english = re.findall('<article lang="en">.*?</article>', alone)
    assert len(english) == 1
    assert english == re.findall('<article lang="en">.*?</article>', page)
    reviewed = {**TEXTS["es"], "reviewed_by": "Ana"}
    monkeypatch.setattr(handouts, "texts_of", lambda language, payer: reviewed)
    assert line not in handout(estimate, "es")
    assert 'lang="en"' not in handout(estimate, "es")


SENTENCE = re.compile(r"[A-Za-zÀ-ÿ]{2,} [a-zà-ÿ]{2,} [a-zà-ÿ]{2,}")


def sentences_in(code: str) -> list[str]:
    """The texts in code, outside docstrings, that read like a sentence."""
    tree = ast.parse(code)
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        n.value
        for n in ast.walk(tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in docs
    ]
    return [text for text in texts if SENTENCE.search(re.sub("<[^>]*>|function", " ", text))]


def test_the_code_holds_no_sentence() -> None:
    for module in (handouts, handout_words, sentences, texts):
        assert sentences_in(Path(str(module.__file__)).read_text("utf-8")) == []
    assert sentences_in('"""Told here alone."""\na = "<p>You pay the clinic</p>"') == ["<p>You pay the clinic</p>"]


# How hard it is to read


class Syllables:
    """Syllables by groups of vowels, in place of a pronouncing dictionary that would have to be fetched."""

    def __getitem__(self, word: str) -> list[list[str]]:
        plain = re.sub(r"[^a-z]", "", word)
        if not plain:
            return [["1"]]
        silent = len(plain) > 2 and plain.endswith("e") and not re.search(r"([^aeiouy]le|[aeiouy]e)$", plain)
        return [["1"] * max(1, len(re.findall(r"[aeiouy]+", plain)) - silent)]


def reading(html: str) -> str:
    """The sentences of a page: paragraphs, points, days to keep in mind; not the cells of tables or lines to fill."""
    told = [*Parts(html).of("h1", "p", "li"), *days(html)]
    return " ".join(text if text[-1] in ".?!”" else f"{text}." for text in told)


@pytest.mark.parametrize("name", examples())
def test_english_reads_at_grade_six_or_below(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "get_cmudict", lambda lang: Syllables())
    counting.count_syllables.cache_clear()
    textstat.set_lang("en_US")
    assert textstat.flesch_kincaid_grade(reading(page_of(name))) <= TEXTS["en"]["reading"]["bound"]


@pytest.mark.parametrize("name", examples())
def test_spanish_reads_easily_on_the_inflesz_scale(name: str) -> None:
    textstat.set_lang("es")
    assert textstat.szigriszt_pazos(reading(page_of(name, "es"))) >= TEXTS["es"]["reading"]["bound"]


def test_a_hard_text_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "get_cmudict", lambda lang: Syllables())
    counting.count_syllables.cache_clear()
    textstat.set_lang("en_US")
    hard = "Reimbursement determinations for nonparticipating providers necessitate supplementary documentation."
    assert textstat.flesch_kincaid_grade(hard) > TEXTS["en"]["reading"]["bound"]
    textstat.set_lang("es")
    duro = "Las determinaciones de reembolso a proveedores no participantes requieren documentación complementaria."
    assert textstat.szigriszt_pazos(duro) < TEXTS["es"]["reading"]["bound"]
