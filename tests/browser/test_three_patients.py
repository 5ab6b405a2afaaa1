"""Three patients, entered by mouse and keyboard as a counselor would: every fact that has a field, on two screens.

What the panel says has to be what the file that it downloads gives. Amounts are made up. KETACOST_PICTURES names a
folder for pictures and handouts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hands import Hand, holds
from lab import browser, chromium
from live_pages import awake, needed, opened
from playwright.sync_api import Locator, Page
from served import PANEL, open_app, served

import ketacost as kc
from ketacost.sharing.live import live_page

NO_BROWSER = "no Chromium on this machine: install Debian's chromium, or name one in KETACOST_CHROMIUM"
WIDTHS = {1440: 900, 390: 844}
PLACES = (("app", 1440), ("app", 390), ("live", 390))

DEPRESSION = (
    ("payer", "employer-self-funded"),
    ("protocol", "iv-mood"),
    ("start", "2026-12-15"),
    ("visits.iv-mood.maintenance", 8),
    ("days_apart.iv-mood.maintenance", 28),
    ("do=holidays", ""),
    ("prices.iv-mood.evaluation", "300"),
    ("prices.iv-mood.infusion", "475"),
    ("network", "out"),
    ("terms.out.pays", "yes"),
    ("plan_year_starts", "1"),
    ("family", True),
    ("terms.out.deductible", "2,500"),
    ("terms.out.family_deductible", "5,000"),
    ("used.patient.out.deductible", "400"),
    ("used.family.out.deductible", "1,100"),
    ("used.as_of", "2026-11-20"),
    ("terms.out.out_of_pocket_limit", "9,000"),
    ("terms.out.family_out_of_pocket_limit", "18,000"),
    ("terms.out.coinsurance", "50"),
    ("next_terms.out.deductible", "2,750"),
    ("household.state", "CA"),
    ("household.filing_status", "married_joint"),
    ("household.wages", "60,000"),
    ("household.spouse_wages", "41,000"),
    ("on_hand.fsa_left", "300"),
    ("next_contribution.health_fsa", "1,500"),
)
"""A PPO of an employer that is on no list, and an FSA."""

SPRAVATO = (
    ("payer", "marketplace"),
    ("protocol", "spravato"),
    ("start", "2027-01-11"),
    ("dose.spravato.weeks 1-4", "56"),
    ("dose.spravato.weeks 5-8", "56"),
    ("dose.spravato.weeks 9+", "56"),
    ("network", "in"),
    ("terms.in.deductible", "3,800"),
    ("terms.in.out_of_pocket_limit", "9,800"),
    ("terms.in.specialist.copay", "80"),
    ("terms.in.specialist.deductible_applies", "no"),
    ("terms.in.drug.coinsurance", "30"),
    ("terms.in.drug.deductible_applies", "yes"),
    ("paying.assistance", "1,000"),
    ("paying.assistance_for", "spravato savings"),
    ("household.state", "TX"),
    ("household.filing_status", "single"),
    ("household.wages", "38,000"),
)
"""A silver plan of the marketplace that is on no list, in network, with the maker's savings program."""

TWO_PLANS = (
    ("payer", "employer-insured"),
    ("protocol", "iv-mood"),
    ("start", "2026-12-15"),
    ("prices.iv-mood.infusion", "475"),
    ("plan", "nextgen-2026-750"),
    ("network", "in"),
    ("groups.in.outpatient_infusion.deductible", "200"),
    ("deductible_carryover", "last three months"),
    ("second.plan_kind", "PPO"),
    ("second.terms.in.deductible", "500"),
    ("second.terms.in.coinsurance", "20"),
    ("second.used.in.deductible", "150"),
    ("held_through", "own job"),
    ("second.held_through", "spouse's job"),
    ("second.coordination", "carve-out"),
    ("later.starts", "2027-02-01"),
    ("later.plan_kind", "HDHP"),
    ("later.terms.in.deductible", "3,000"),
    ("later.credit", "False"),
)
"""Covered by the own and by a spouse's employer, with another plan at work from February on."""

PAIN = (
    ("protocol", "iv-pain"),
    ("start", "2027-02-01"),
    ("visits.iv-pain.induction", 10),
    ("prices.iv-pain.infusion", "900"),
)
"""A veteran with Medicare and a rating of 20%, before it is said who pays."""

ROUTES = (
    (("payer", "va-facility"), ("plan", "va-2025-rated")),
    (("payer", "va-community-care"), ("plan", "va-2025-rated"), ("approval.iv-pain.weeks", 12)),
    (("payer", "medicare-part-b"), ("plan", "medigap-g-2026"), ("setting", "hospital outpatient")),
    (("payer", "self-pay"),),
)
"""Who may pay for the veteran, side by side."""


@pytest.fixture(scope="module", params=PLACES, ids=lambda place: f"{place[0]}-{place[1]}")
def counselor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counselor]:
    """A counselor before the app, or before a live page."""
    if not chromium():
        if os.environ.get("KETACOST_REQUIRE_BROWSER"):
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    place, width = request.param
    folder = tmp_path_factory.mktemp(place)
    if place == "live":
        needed()
        path = folder / "live.html"
        path.write_text(live_page(kc.example("readme-patient")), encoding="utf-8")
        with opened(path) as page:
            awake(page)
            page.set_viewport_size({"width": width, "height": WIDTHS[width]})
            yield Counselor(page, page.locator(".keta"), f"{place}-{width}")
        return
    with served(folder) as address, browser(1440, 900) as page:
        page.add_init_script(COUNT)
        open_app(page, address)
        page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        yield Counselor(page, page.locator(PANEL), f"{place}-{width}")
        assert page.problems == []  # type: ignore[attr-defined]


COUNT = """window.interactions = 0;
const counted = () => { window.interactions += 1; };
addEventListener('pointerdown', counted, true);
addEventListener('keydown', ({key}) => { if (key === 'Enter') counted(); }, true);
const typed = 'select, input:not([type=radio], [type=checkbox])';
addEventListener('change', ({target}) => { if (target.matches(typed)) counted(); }, true);
"""
"""Each click, selection, filled field and Enter."""


class Counselor(Hand):
    """Hands that enter a patient and look at what comes."""

    def __init__(self, page: Page, panel: Locator, place: str) -> None:
        super().__init__(page, panel)
        self.place = place

    def turn(self, side: str) -> None:
        """Go to the questions or to the answer, where a narrow screen shows one of them."""
        tab = self.panel.locator(f".keta-sides [data-side={side}]")
        if tab.is_visible():
            tab.click()

    def new(self) -> None:
        """Start a new patient, also where the button is behind More."""
        self.turn("form")
        self.further("[data-ask-new]")
        super().new()

    def further(self, button: str) -> None:
        """Open what a narrow bar folds away."""
        more = self.panel.locator(".keta-bar [data-further]")
        if not self.panel.locator(f".keta-bar {button}").is_visible() and more.is_visible():
            more.click()

    def enter(self, facts: tuple[tuple[str, object], ...]) -> None:
        """Say each fact with its control."""
        self.turn("form")
        for path, value in facts:
            if path.startswith("do="):
                self.press(path)
            else:
                self.say(path, value)
            assert not self.panel.locator(".keta-banner").is_visible(), path
            assert not self.panel.locator(".keta-problem").count(), (
                path,
                self.panel.locator(".keta-problem").all_inner_texts(),
            )

    def check(self, folder: Path, name: str) -> kc.Estimate:
        """Compare what the panel shows with the estimate of the file that it downloads."""
        self.turn("answer")
        self.further("[data-window=save]")
        path = folder / f"{name}.toml"
        path.write_text(self.file(), encoding="utf-8")
        estimate = kc.estimate(kc.load(path))
        holds(self, estimate)
        return estimate

    def look(self, name: str) -> None:
        """Keep pictures of the form and the answer, and the handout."""
        if not (pictures := os.environ.get("KETACOST_PICTURES")):
            return
        start = Path(pictures) / f"{self.place}-{name}"
        print(f"\n{self.place} {name}: {self.page.evaluate('window.interactions')} interactions; {self.sentence()}")
        for side in ("form", "answer"):
            self.turn(side)
            self.page.screenshot(path=f"{start}-{side}.png", full_page=False)
        for tab in self.panel.locator(".keta-tabs [data-tab]").all():
            tab.click()
            self.wait()
            self.panel.locator(".keta-answer").screenshot(path=f"{start}-tab-{tab.get_attribute('data-tab')}.png")
        self.further("[data-window=handout]")
        self.panel.locator(".keta-bar [data-window=handout]").click()
        with self.page.expect_popup() as opened:
            self.panel.locator("dialog [data-language=en]").click()
        opened.value.locator("h1").first.wait_for()
        opened.value.pdf(path=f"{start}.pdf", format="Letter", prefer_css_page_size=True)
        opened.value.close()
        self.wait()
        self.page.evaluate("window.interactions = 0")


WHOLE = [("depression", DEPRESSION), ("spravato", SPRAVATO), ("two-plans", TWO_PLANS)]


@pytest.mark.parametrize(("name", "facts"), WHOLE)
def test_a_patient_entered_whole_has_the_answer_of_the_file(
    counselor: Counselor, tmp_path: Path, name: str, facts: tuple[tuple[str, object], ...]
) -> None:
    counselor.new()
    counselor.enter(facts)
    assert not counselor.panel.locator(".keta-move").count(), "a closed day opens nothing to move"
    estimate = counselor.check(tmp_path, name)
    assert not [
        path for path, _ in facts if path[:3] != "do=" and path not in kc.load(tmp_path / f"{name}.toml").intake.said
    ]
    counselor.look(name)
    assert estimate.sentence


def test_a_veterans_four_routes_stand_side_by_side(counselor: Counselor, tmp_path: Path) -> None:
    counselor.new()
    counselor.enter(PAIN)
    for number, route in enumerate(ROUTES):
        counselor.enter(route)
        counselor.check(tmp_path, f"pain-{number}")
        counselor.look(f"pain-{number}")
        if number + 1 < len(ROUTES):
            counselor.turn("answer")
            counselor.press("do=pin")
            counselor.turn("form")
            for path, _ in route[1:]:
                counselor.panel.locator(f"[data-say='{path}']").first.click(force=True)
                counselor.wait()
    assert counselor.panel.locator(".keta-pin").count() == len(ROUTES) - 1
