"""State income tax of wage earners: the rule of every state that taxes wages, and the rules from Alabama to Montana.

A rule takes the lines of a return and the amounts that `data/tax` holds under the rule's own words: whole cents in,
whole cents out. A credit that can be paid out makes the tax negative. A rule that deducts the federal tax (Alabama,
Missouri, Oregon) or starts from federal taxable income moves with the federal return. `states_n_to_z` has the other
rules, since one file of all forty would pass 600 lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from ketacost.taxes import states_n_to_z
from ketacost.taxes.schedules import Brackets, EarnedCredit, Fade, StepCut, Steps, above, at, faded, over, part, ratio
from ketacost.taxes.state_returns import StateReturn, UsualAmounts, evenly, tax_apart
from ketacost.taxes.tables import BoundRule, bind


def ordinary(r: StateReturn, usual: UsualAmounts) -> int:
    """Income less deductions and exemptions, by the brackets: the rule of Louisiana and North Carolina."""
    return usual.income_tax(r) - usual.eitc(r)


def alabama(
    r: StateReturn, usual: UsualAmounts, least_standard_deduction: int, slide_from: int, slide_step: int, slide_cut: int
) -> int:
    """Income less the federal tax and a standard deduction that shrinks, or Social Security and Medicare tax if more.
    Ala. Code 40-18-5, 40-18-15(a)(3)a and (b), 40-18-19."""
    cut = slide_cut * (over(r.income, slide_from) // slide_step)
    deduction = max(usual.standard_deduction - cut, least_standard_deduction, r.fica + r.spouse_fica)
    return usual.tax(over(r.income, deduction + usual.personal_exemption + r.federal.tax_after_credit))


def arizona(r: StateReturn, usual: UsualAmounts, excise_credit: int, excise_credit_up_to: int) -> int:
    """One rate, after the federal senior deduction too, and a small excise credit per person that ends at an income.
    A.R.S. 43-1011, 43-1041, 43-1072.01."""
    tax = usual.income_tax(r, r.federal.senior_deduction)
    return tax - (r.persons * excise_credit if r.federal.income <= excise_credit_up_to else 0)


class ArkansasTable(NamedTuple):
    """The printed table up to an income: the rate of a row's middle less what the row takes off, in whole dollars."""

    rate: Steps
    less: Steps
    up_to: int
    step: int
    shift_from: int

    def tax(self, taxable: int, usual: UsualAmounts) -> int:
        """The tax on a taxable income, by the brackets above the table's end."""
        if taxable > self.up_to:
            return usual.tax(taxable) - at(self.less, taxable)
        shift = 100 if taxable > self.shift_from else 0
        middle = (taxable - shift) // self.step * self.step + shift + (self.step - 100) // 2
        return (part(middle, at(self.rate, middle)) - at(self.less, middle) + 50) // 100 * 100


def arkansas(
    r: StateReturn,
    usual: UsualAmounts,
    table: ArkansasTable,
    aged_credit: int,
    further_credit: int,
    further: StepCut,
    low_income_table: Steps,
    low_income_up_to: int,
) -> int:
    """A printed table up to 100,000 dollars and brackets above; couples pay the lower of one column and two.
    Low incomes have a table of their own. A.C.A. 26-51-201, 26-51-301, 26-51-430, 26-51-501, 26-51-515."""
    credits = usual.personal_credit + (r.aged + r.blind) * aged_credit
    joint = over(r.income, r.persons * usual.standard_deduction)
    tax = table.tax(joint, usual)
    if r.income <= low_income_up_to:
        tax = min(tax, above(low_income_table, r.income))
    # A further credit per person, less 5 dollars for every 100 of taxable income above a start. 26-51-501(e).
    tax = over(tax, credits + r.persons * over(further_credit, further.lost(joint)))
    if r.persons == 2:
        columns = [over(income, usual.standard_deduction) for income in (r.own_income, r.spouse_income)]
        apart = sum(table.tax(taxable, usual) for taxable in columns)
        further_credits = sum(over(further_credit, further.lost(taxable)) for taxable in columns)
        tax = min(tax, over(apart, credits + further_credits))
    return tax


class CalEitc(NamedTuple):
    """California's credit for low earnings without a child: up, down to 200 dollars, then slowly to 0. R&TC 17052."""

    rate: int
    adjustment: int
    earned: int
    last: int
    ends: int

    def credit(self, earned: int, income: int) -> int:
        """The credit of a year's earnings, in cents."""
        rate = part(self.rate, self.adjustment)
        if not rate:
            return 0
        income = max(earned, income)
        full = part(self.earned, rate)
        if income <= self.earned:
            return part(earned, rate)
        slow_from = self.earned + (full - self.last) * 1_000_000 // rate
        if income < slow_from:
            return full - part(income - self.earned, rate)
        return faded(self.last, income, slow_from, self.ends - slow_from)


def california(r: StateReturn, usual: UsualAmounts, credit_each: int, credit: StepCut, caleitc: CalEitc) -> int:
    """Brackets, with credits that lose 6 dollars each per step of federal income, and a small earned income credit.
    Federal income decides, so HSA money restores credit although California taxes it. Cal. Rev. & Tax. Code 17041,
    17043, 17052, 17054, 17054.1, 17073.5."""
    credits = usual.personal_credit + (r.aged + r.blind) * credit_each
    kept = over(credits, credit.lost(r.federal.income) * (credits // credit_each))
    return over(usual.income_tax(r), kept) - caleitc.credit(r.earned, r.federal.income)


def colorado(
    r: StateReturn, usual: UsualAmounts, addback_from: int, deductions_kept: int, sales_tax_refund: Steps
) -> int:
    """Federal taxable income at one rate; at high incomes most of the federal deductions are added back.
    Some years refund sales tax per adult, by income. C.R.S. 39-22-104(3)(p.7), 39-22-123.5, 39-22-2003."""
    added = over(r.federal.deductions, deductions_kept) if r.federal.income >= addback_from else 0
    refund = r.persons * at(sales_tax_refund, r.federal.income)
    return usual.tax(r.federal.taxable + added) - refund - part(r.eitc_between(19, 64), usual.eitc_share)


class Recapture(NamedTuple):
    """A clause that adds a tax for each step of income above a start, or part of one, up to a cap, in cents."""

    each: int
    above: int
    cap: int

    def tax(self, income: int, step: int) -> int:
        """The tax that is added at an income."""
        return min(StepCut(self.above, step, self.each).lost(income), self.cap)


def connecticut(
    r: StateReturn,
    usual: UsualAmounts,
    exemption_cut_from: int,
    exemption_cut_step: int,
    phaseout: Recapture,
    phaseout_step: int,
    low_recapture: Recapture,
    middle_recapture: Recapture,
    high_recapture: Recapture,
    recapture_step: int,
    personal_credit_share: Steps,
) -> int:
    """Tax by the brackets, plus the gain of the lowest bracket and three recaptures, by steps of income "or part".
    Then a personal credit, a share of the tax by income. Conn. Gen. Stat. 12-700, 12-702, 12-703, 12-704e."""
    exemption_cut = StepCut(exemption_cut_from, exemption_cut_step, exemption_cut_step).lost(r.income)
    tax = usual.tax(over(r.income, over(usual.personal_exemption, exemption_cut)))
    tax += phaseout.tax(r.income, phaseout_step)
    for recapture in (low_recapture, middle_recapture, high_recapture):
        tax += recapture.tax(r.income, recapture_step)
    return tax - part(tax, above(personal_credit_share, r.income)) - usual.eitc(r)


def delaware(r: StateReturn, usual: UsualAmounts, aged_credit: int, aged_credit_from: int, eitc_paid_share: int) -> int:
    """Brackets; spouses pay the lower of one column and two.
    A share of the earned income credit is set against the tax, or a smaller one is paid out. 30 Del. C. 1102, 1108,
    1110, 1117."""
    credit = usual.personal_credit + r.aged_from(aged_credit_from) * aged_credit
    owed = over(usual.income_tax(r), credit)
    if r.persons == 2:
        each, of_spouse = usual.standard_deduction // 2, (r.spouse_age >= 65) + r.spouse_blind
        spouse_extra = of_spouse * usual.aged_or_blind_deduction
        own_extra = (r.aged + r.blind - of_spouse) * usual.aged_or_blind_deduction
        own_credit = usual.personal_credit // 2 + (aged_credit if r.age >= aged_credit_from else 0)
        own = over(usual.tax(over(r.own_income, each + own_extra)), own_credit)
        spouse = over(usual.tax(over(r.spouse_income, each + spouse_extra)), credit - own_credit)
        owed = min(owed, own + spouse)
    return min(over(owed, usual.eitc(r)), owed - part(r.federal.eitc, eitc_paid_share))


def district_of_columbia(r: StateReturn, usual: UsualAmounts, eitc: EarnedCredit) -> int:
    """Brackets; spouses pay the lower of a joint tax and two taxes apart.
    Its earned income credit lasts longer than the federal. D.C. Code 47-1801.04, 47-1805.04, 47-1806.03,
    47-1806.04(f)."""
    tax, deduction = usual.income_tax(r), usual.deducted(r)
    if r.persons == 2:
        taxable = over(r.income, deduction)
        tax = min(tax, tax_apart(usual.brackets, evenly(taxable, r.own_income, deduction), taxable))
    return tax - (eitc.credit(r.earned, r.federal.income) if r.between(25, 64) else 0)


def georgia(
    r: StateReturn, usual: UsualAmounts, retired_wages: int, retired_from: int, low_income_credit: Steps
) -> int:
    """One rate; from 62 on part of the wages is free; a low income credit per exemption that cannot be paid out.
    O.C.G.A. 48-7-20, 48-7-27, 48-7A-3."""
    credit = (r.persons + r.aged) * at(low_income_credit, r.federal.income)
    return over(usual.income_tax(r, r.income_from(retired_from, retired_wages)), credit)


def hawaii(
    r: StateReturn,
    usual: UsualAmounts,
    single_brackets: Brackets,
    withholding_deduction: int,
    exemption_each: int,
    income_tax_deductible_below: int,
    food_credit: Steps,
) -> int:
    """Brackets, after the larger of a standard deduction and the state income tax that was withheld.
    That tax may be deducted below a federal income; we assume a single person's withholding on the pay of each. A food
    credit per person by income. HRS 235-2.4, 235-51, 235-54, 235-55.75, 235-55.85."""
    deduction = usual.standard_deduction
    if r.federal.income < income_tax_deductible_below:
        own, spouse = over(r.own_income, withholding_deduction), over(r.spouse_income, withholding_deduction)
        deduction = max(deduction, tax_apart(single_brackets, own, own + spouse))
    tax = usual.tax(over(r.income, (r.persons + r.aged) * exemption_each + deduction))
    return tax - r.persons * at(food_credit, r.federal.income) - usual.eitc(r)


def idaho(r: StateReturn, usual: UsualAmounts, building_fund_tax: int, grocery_credit: int) -> int:
    """Federal taxable income above a part that is free, a fixed tax of those who must file, and a grocery credit.
    Idaho Code 63-3024, 63-3024A, 63-3082."""
    fixed = building_fund_tax if r.earned > r.federal.other_deductions else 0
    return usual.tax(over(r.income, r.federal.deductions)) + fixed - r.persons * grocery_credit


def illinois(r: StateReturn, usual: UsualAmounts, exemption_up_to: int) -> int:
    """One rate; no exemptions above an income; an earned income credit from 18 on. 35 ILCS 5/201, 5/204, 5/212."""
    exempt = usual.deducted(r) if r.federal.income <= exemption_up_to else 0
    return usual.tax(over(r.income, exempt)) - part(r.eitc_between(18, 130), usual.eitc_share)


def indiana(
    r: StateReturn,
    usual: UsualAmounts,
    low_income_aged_exemption: int,
    low_income_below: int,
    aged_credit: Steps,
    aged_couple_credit: Steps,
) -> int:
    """One rate; a further exemption and a credit at 65 below an income. IC 6-3-3-9, 6-3-2-1, 6-3-1-3.5, 6-3.1-21."""
    tax = usual.tax(indiana_taxable(r, usual, low_income_aged_exemption, low_income_below)) - usual.eitc(r)
    credit = at(aged_couple_credit if r.aged == 2 else aged_credit, r.federal.income)
    return tax - credit if r.aged else tax


def indiana_taxable(r: StateReturn, usual: UsualAmounts, low_income_aged_exemption: int, low_income_below: int) -> int:
    """Indiana adjusted gross income less exemptions, which the counties tax too. IC 6-3.6-2-2."""
    extra = r.aged * low_income_aged_exemption if r.federal.income < low_income_below else 0
    return over(r.income, usual.deducted(r) + extra)


def iowa(
    r: StateReturn,
    usual: UsualAmounts,
    exemption_credit: int,
    aged_credit: int,
    alternate_rate: int,
    free_up_to: int,
    aged_free_up_to: int,
) -> int:
    """Federal taxable income at one rate, or a higher rate on what lies above a free income if that is less.
    Iowa Code 422.5, 422.12."""
    free = aged_free_up_to if r.aged else free_up_to
    tax = min(usual.tax(r.federal.taxable), part(over(r.income, free), alternate_rate))
    return over(tax, r.persons * exemption_credit + (r.aged + r.blind) * aged_credit) - usual.eitc(r)


def kansas(r: StateReturn, usual: UsualAmounts, no_tax_up_to: int) -> int:
    """Brackets, and no tax at all up to an income. K.S.A. 79-32,110, 79-32,119, 79-32,121, 79-32,205."""
    tax = usual.income_tax(r) if r.federal.income > no_tax_up_to else 0
    return tax - usual.eitc(r)


def kentucky(r: StateReturn, usual: UsualAmounts, deduction_each: int, aged_credit: int, family_credit: Steps) -> int:
    """One rate, with one standard deduction for each spouse who has income.
    A share of the tax is waived near the poverty line. KRS 141.019, 141.020, 141.066, 141.081."""
    taxable = over(r.own_income, deduction_each) + over(r.spouse_income, deduction_each)
    tax = over(usual.tax(taxable), (r.aged + r.blind) * aged_credit)
    return tax - part(tax, above(family_credit, r.income))


def maine(
    r: StateReturn,
    usual: UsualAmounts,
    deduction_fades_from: int,
    deduction_fades_through: int,
    exemption_fades_from: int,
    exemption_fades_through: int,
    fairness_credit: int,
    fairness: StepCut,
    relief_payment: int,
    relief_below: int,
) -> int:
    """Deduction and exemption both fade; a sales tax fairness credit at low incomes.
    36 M.R.S. 5111, 5124-C, 5126-A, 5213-A, 5219-S."""
    full = usual.deducted(r) - usual.personal_exemption
    kept = faded(full, r.income, deduction_fades_from, deduction_fades_through)
    exempt = faded(usual.personal_exemption, r.income, exemption_fades_from, exemption_fades_through)
    tax = usual.tax(over(r.income, kept + exempt))
    credit = over(fairness_credit, fairness.lost(r.earned))
    relief = r.persons * relief_payment if r.federal.income < relief_below else 0
    return tax - credit - relief - part(r.eitc_between(18, 64), usual.eitc_share)


def maryland(
    r: StateReturn,
    usual: UsualAmounts,
    exemption_each: Steps,
    two_income_cap: int,
    senior_credit: int,
    senior_couple_credit: int,
    senior_credit_up_to: int,
    poverty_line: int,
    poverty_rate: int,
    eitc_paid_share: int,
) -> int:
    """Brackets, with exemptions that step down as federal income grows and a subtraction for two earners.
    Credits at 65 and at low earnings. Md. Tax-Gen. 10-105, 10-207, 10-211, 10-217, 10-704, 10-709, 10-754."""
    tax = usual.tax(maryland_taxable(r, usual, exemption_each, two_income_cap))
    senior = senior_couple_credit if r.aged == 2 else senior_credit if r.aged else 0
    credit = senior if r.federal.income <= senior_credit_up_to else 0
    poor = part(r.earned, poverty_rate) if max(r.federal.income, r.earned) <= poverty_line else 0
    return over(tax, usual.eitc(r) + credit + poor) - over(part(r.federal.eitc, eitc_paid_share), tax)


def maryland_taxable(r: StateReturn, usual: UsualAmounts, exemption_each: Steps, two_income_cap: int) -> int:
    """Maryland's taxable net income, which its counties tax too. Md. Tax-Gen. 10-103, 10-106."""
    exempt = r.persons * above(exemption_each, r.federal.income)
    return over(r.income, usual.deducted(r) + exempt + min(r.lesser_income, two_income_cap))


def massachusetts(
    r: StateReturn,
    usual: UsualAmounts,
    fica_deduction_cap: int,
    no_tax_up_to: int,
    limited_income_up_to: int,
    limited_income_rate: int,
) -> int:
    """One rate on wages less up to 2,000 dollars of Social Security and Medicare tax per earner.
    No tax up to an income, and just above it at most a tenth of the excess. M.G.L. c. 62 ss 3(B)(a)(3), 4,
    5(a), 6(h)."""
    fica = min(r.fica, fica_deduction_cap) + min(r.spouse_fica, fica_deduction_cap)
    tax = usual.income_tax(r, fica)
    if r.income <= limited_income_up_to:
        tax = min(tax, part(over(r.income, no_tax_up_to), limited_income_rate))
    return tax - usual.eitc(r)


def michigan(r: StateReturn, usual: UsualAmounts, senior_deduction: int, senior_from: int) -> int:
    """One rate; from 67 on a deduction against all income, less the exemptions. MCL 206.30, 206.51, 206.272."""
    senior = over(senior_deduction, usual.personal_exemption) if r.aged_from(senior_from) else 0
    return usual.income_tax(r, senior) - usual.eitc(r)


def minnesota(
    r: StateReturn,
    usual: UsualAmounts,
    single_brackets: Brackets,
    limited_from: int,
    limited_rate: int,
    limited_more_from: int,
    limited_more_rate: int,
    limited_most_from: int,
    limited_most: int,
    marriage_credit_cap: int,
    marriage_income_from: int,
    marriage_taxable_from: int,
    family_credit_rate: int,
    family_credit_earned: int,
    family_credit: Fade,
) -> int:
    """Brackets; a standard deduction that is limited at high incomes, and a credit for what marriage costs two earners.
    A credit at low earnings. Minn. Stat. 290.06 subd. 2c, 290.0123, 290.0661, 290.0671, 290.0675."""
    full = usual.deducted(r)
    limited = part(over(r.income, limited_from), limited_rate)
    limited -= part(over(r.income, limited_more_from), limited_rate - limited_more_rate)
    most = part(full, limited_most)
    lost = most if r.income > limited_most_from else min(limited, most)
    taxable = over(r.income, full - lost)
    tax = usual.tax(taxable)
    if r.lesser_income >= marriage_income_from and taxable >= marriage_taxable_from:
        apart = tax_apart(single_brackets, over(r.lesser_income, full // 2), taxable)
        tax -= min(over(tax, apart), marriage_credit_cap)
    earned = part(min(r.earned, family_credit_earned), family_credit_rate) if r.between(19, 64) else 0
    return tax - family_credit.left(earned, max(r.earned, r.income))


def mississippi(r: StateReturn, usual: UsualAmounts) -> int:
    """Each spouse has a zero bracket, and the two share deductions and exemptions as they like.
    Miss. Code 27-7-5, 27-7-17, 27-7-21."""
    exempt = usual.deducted(r)
    taxable = over(r.income, exempt)
    own = evenly(taxable, r.own_income, exempt) if r.persons == 2 else taxable
    return tax_apart(usual.brackets, own, taxable)


def missouri(
    r: StateReturn, usual: UsualAmounts, head_exemption: int, federal_tax_share: Steps, federal_tax_cap: int
) -> int:
    """Brackets, after a share of the federal tax that falls as income grows.
    Spouses are taxed apart on their shares of the rest. RSMo 143.011, 143.031, 143.131, 143.161, 143.171, 143.177."""
    deductible = min(part(r.federal.tax_after_credit, above(federal_tax_share, r.income)), federal_tax_cap)
    taxable = over(r.income, r.federal.other_deductions + head_exemption + deductible)
    spouse = ratio(taxable, r.spouse_income, r.income) if r.income else 0
    return over(tax_apart(usual.brackets, spouse, taxable), usual.eitc(r))


def montana(r: StateReturn, usual: UsualAmounts) -> int:
    """Federal taxable income by the state's brackets; a subtraction at 65. MCA 15-30-2103, 15-30-2120, 15-30-2318."""
    return usual.tax(over(r.federal.taxable, usual.deducted(r))) - usual.eitc(r)


RULES: Mapping[str, Callable[..., int]] = {
    "AL": alabama,
    "AZ": arizona,
    "AR": arkansas,
    "CA": california,
    "CO": colorado,
    "CT": connecticut,
    "DE": delaware,
    "DC": district_of_columbia,
    "GA": georgia,
    "HI": hawaii,
    "ID": idaho,
    "IL": illinois,
    "IN": indiana,
    "IA": iowa,
    "KS": kansas,
    "KY": kentucky,
    "LA": ordinary,
    "ME": maine,
    "MD": maryland,
    "MA": massachusetts,
    "MI": michigan,
    "MN": minnesota,
    "MS": mississippi,
    "MO": missouri,
    "MT": montana,
    "NE": states_n_to_z.nebraska,
    "NJ": states_n_to_z.new_jersey,
    "NM": states_n_to_z.new_mexico,
    "NY": states_n_to_z.new_york,
    "NC": ordinary,
    "ND": states_n_to_z.north_dakota,
    "OH": states_n_to_z.ohio,
    "OK": states_n_to_z.oklahoma,
    "OR": states_n_to_z.oregon,
    "PA": states_n_to_z.pennsylvania,
    "RI": states_n_to_z.rhode_island,
    "SC": states_n_to_z.south_carolina,
    "UT": states_n_to_z.utah,
    "VT": states_n_to_z.vermont,
    "VA": states_n_to_z.virginia,
    "WV": states_n_to_z.west_virginia,
    "WI": states_n_to_z.wisconsin,
}
"""The rule of every jurisdiction that taxes wages."""


@cache
def state_rule(state: str, year: int, status: str, as_if: int | None) -> BoundRule:
    """A state's rule with its amounts for a year and a filing status; no tax for a state without a rule."""
    if state not in RULES:
        return BoundRule(lambda lines: 0)
    return bind(RULES[state], state, year, status, as_if, "state_as_if")
