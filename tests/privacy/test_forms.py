"""Identifiers as people really write them are refused, and what counselors write of a case without a name is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ketacost.privacy.identifiers import check_text
from ketacost.privacy.notebooks import gate

FORMS: dict[str, list[str]] = {
    "account_number": ["acct 0045187"],
    "record_number": ["Encounter 99812345", "visit number V12345678"],
    "ssn": [
        "her social security is four one two, 55 9812",
        "SSN#: 412/55/9812",
        "soc sec no 412559812",
        "412 . 55 . 9812",
        "xxx-xx-9812",
        "SSN: ***-**-9812",
        "SSN(412559812)",
        "last 4 SSN 9812",
        "412559812 is her SSN",
        "412 55 9812 (SSN)",
        "S\u0405N 412559812",
        "\u202e2189-55-214\u202c",
        "4 1 2 5 5 9 8 1 2",
        "SSN ending in 9812",
        "last four of her social: 9812",
        "Social: 412.55.9812",
    ],
    "member_number": [
        "Anthem ID YRP123M45678",
        "Aetna W1234 56789",
        "UHC 912 345 678 01",
        "Policy: 0012345-01",
        "CIN 91234567A",
        "HICN 123-45-6789A",
        "Rx ID 1234567890",
        "ID: 912345678",
        "ID# XYZ123456789 (Blue Cross)",
        "Blue Cross card YPP W12345678 01",
        "UHC subscriber 912345678",
        "Cigna U1234567801",
        "Aetna W123456789",
        "her Humana card says H12345678",
        "Kaiser Permanente 110023456",
        "XYZ123456789 is the member ID",
        "A10023456 (her policy number)",
        "ID card number is 00451873",
    ],
    "group_number": ["Group 0071234", "grp: RX55443", "group # 998877"],
    "claim_number": [
        "claim 21F456789 denied",
        "confirmation: 8H3K2L9",
        "prior auth A123456789 approved",
        "authorization 2026113000123",
        "PA# 88123456",
        "referral R1234567",
        "appeal AP-1234567 was filed",
    ],
    "vehicle": ["plate: NC ABC1234", "1HGCM82633A004352", "drives 1M8GDM9AXKP042788"],
    "labelled_name": [
        "Dr Raghunathan's patient Anjali",
        "Dear Jane,",
        "client: Anjali R.",
        "subscriber name JANE DOE",
        "mother's name: Mary",
        "Pt name: Jane D.",
        "Jane D. owes $500",
        "Jane's plan denied it",
        "Mr. R. Doe",
        "Name: Doe, J.",
        "Patient initials J.D.",
        "Jane Doe asked whether the plan pays.",
        "# Estimate for Jane Doe",
        "# Estimate for Anjali Raghunathan",
        "Pt: Doe, Jane",
        "pt Jane Doe",
        "patient: jane doe",
        "Patient: anjali raghunathan",
        "the patient Anjali Raghunathan owes",
        "chart of J. Raghunathan",
        "Re: Jane Q. Doe",
        "Raghunathan, Jane",
        "my name is Anjali",
    ],
    "handle": [
        "@jane_doe on twitter",
        "snap: janedoe80",
        "youtube.com/@janedoe80",
        "bsky: @jane.doe.bsky.social",
        "her insta is @jane.doe80",
        "venmo @jane-doe",
        "see instagram.com/janedoe80",
        "u/janedoe80 on reddit",
    ],
    "street_address": [
        "Apt 4B, 12 Oak",
        "Box 45, RR 2",
        "lives in apartment 4B at 12 Elm",
        "33-15 Queens Blvd",
        "lives at 12 Elm",
        "1420 west main st, durham nc 27701",
        "88 oak ave apt 4",
        "Rural Route 2 Box 45",
        "HC 1 Box 22",
        "12 County Road 1010",
        "44 Juniper Apt 3B",
        "address: 12 elm",
        "mail it to 1420 Juniper",
    ],
    "phone": [
        "ph 9195550142",
        "text me: 919\n555 0142",
        "Tel.: 919/555/0142",
        "WhatsApp +44 7700 900123",
        "555-0142 (cell)",
        "nine one nine: 9 1 9 5 5 5 0 1 4 2",
        "nine one nine five five five oh one four two",
        "call 919-555-\n0142",
        "(919)\n555-0142",
        "call her at 9195550142",
        "9195550142 is her cell",
        "(919)5550142",
    ],
    "email": [
        "jane_doe(at)yahoo.com",
        "jane.doe [at] yahoo [dot] com",
        "jane.doe @ gmail.com",
        "jane dot doe at gmail dot com",
        "jane.doe at gmail.com",
        "jane.doe@gmail",
    ],
    "birth_date": [
        "d.o.b.: 04-Jul-1978",
        "born in the summer of '78 on the 4th of July",
        "She was born on the fourth of July, 1978.",
        "Patient (b. 07/04/1978)",
        "born July 4, 1978",
        "DOB 07041978",
        "dob: 19780704",
        "d/o/b 7-4-78",
        "her birthday is July 4",
        "turned 48 on July 4",
        "7/4/78 is her birthday",
        "# chart of a patient, 7/4/1978",
    ],
    "age_over_89": ["a ninety-three-year-old woman", "she is 93", "aged ninety-one", "a hundred years old"],
    "file_path": [
        "smb://server/doe_jane/x",
        "/srv/clinic/doe_jane/x.csv",
        "~jdoe/x",
        "/mnt/share/doe/x.csv",
        r"D:\patients\doe.csv",
    ],
}
"""Kinds, and texts that hold one; nobody in them is real."""

CLEAN = (
    "Dear Appeals Department,",
    "Patient: the example payer-employer-insured",
    "the patient Pays after",
    "Account: HSA",
    "encounter codes 99212 to 99215",
    "Claim 96365 was denied.",
    "case 631 to 640",
    "Policy: CPB 0938",
    "policy: 2019.1.1",
    "UnitedHealthcare 100 200 300",
    "Anthem 500 1000",
    "Costs 500 / 600 / 7000",
    "*** ** 2026",
    "Visit 10001 lines",
    "Social Security wage base: 184,500 in 2026",
    "First visit 15-Dec-2026",
    "Anthony's Healthcare asks VA first",
    "St. Jude's hospital",
    "Dear patient,",
    "She pays $500 per infusion and the plan counts $240 of it.",
    "The deductible of $2,250 is met on the sixth visit, January 5, 2027.",
    "Six infusions from November 30, 2026 to December 18, 2026, then one a month.",
    "Ask Blue Cross whether 96365 needs prior authorization.",
    "Aetna's Clinical Policy Bulletin 0931 names esketamine.",
    "UnitedHealthcare answered within 30 days; Cigna took 45.",
    "The patient pays first and files a superbill.",
    "Patient responsibility: $312.50 after the plan.",
    "Patient: you pay the balance bill yourself.",
    "The patient is 45 and files as single in Ohio.",
    "Married filing jointly, wages of 52,000 and 38,500, ages 61 and 58.",
    "The claim was denied as experimental; an appeal is due within 180 days.",
    "Claim 96365 with 96366 on 12/01/2026, charge 550.00.",
    "Authorization runs through 2027-03-31.",
    "Group of 12 people, two sessions a week.",
    "Her group plan renews on September 1.",
    "Part B counts $156.20 for G2082 in North Carolina.",
    "Original Medicare pays 80% after the deductible of $257.",
    "Spravato withMe helps with up to $8,150 a year.",
    "Johnson & Johnson's program ends with the plan year.",
    "Call the number on the back of the card.",
    "Call 1-800-633-4227 (Medicare) or 1-877-696-6775.",
    "Call Monday between 9 and 5 and write down the reference number.",
    "Reference price of $1,200 a visit.",
    "The policy number stands on the card; leave it out here.",
    "Member ID: ask the plan, and do not write it here.",
    "Who is the member, and is the clinic in network?",
    "The member pays 40% of $350, so $140.",
    "Member Services will say which tier the clinic is on.",
    "Subscriber and dependents share the family deductible of $4,500.",
    "The account holds $1,200 and the FSA $3,400.",
    "An HSA takes up to $4,400 for one person and $8,750 for a family in 2026.",
    "Visits 1, 2, 3, 4, 5 and 6 are induction; 7, 8, 9 and 10 are maintenance.",
    "1 2 3 4 5 6 7 8 9 10 11 12",
    "Totals: 600 600 600 350 350 350 240.",
    "Two, three or four visits in a week, six in all.",
    "One infusion costs as much as two evaluations.",
    "The 30-day supply is 4 doses of 84 mg, NDC 50458-028-03.",
    "CPT 99417 x 3 units, J3490 x 1 unit.",
    "Rev. Proc. 2025-19 sets the limit.",
    "45 CFR 164.514(b)(2)(i) lists 18 kinds.",
    "26 U.S.C. 213 allows what is above 7.5% of income.",
    "The Mental Health Parity Act of 1996 and its 2008 successor.",
    "Enacted on December 31, 1974.",
    "The study followed 403 patients for 28 days.",
    "Patients aged 18 to 64; 93% had failed two drugs.",
    "She is 93% sure; the odds are 15%.",
    "Between 90 and 110 days from claim to check.",
    "The check came after 93 days.",
    "Prior auth approved for 6 visits, denied for 4.",
    "PA denied on 2026-12-07; peer-to-peer on 2026-12-10.",
    "Appeal sent 20261207 by fax.",
    "The clinic is at the corner of Main and Broad.",
    "We live at the edge of the service area, 40 miles away.",
    "She lives on 52,000 a year.",
    "Take 2 pills at 8 am, then drive home with a friend.",
    "Follow the label: 56 mg, then 84 mg @ week 2.",
    "3 visits @ $500 = $1,500",
    "Estimate for High Deductible plan, Bronze tier.",
    "Notes for Week 3: same charge, new plan year.",
    "Costs of Spravato and Ketamine, side by side.",
    "Summary of Benefits and Coverage, page 3.",
    "Covered California Silver 70 and Kaiser Permanente Gold HMO.",
    "Call Kaiser about the 2026 limit of $9,200.",
    "Open ~/notes/plan.toml or data/plans/va-2025.toml.",
    "kc.load('readme-patient') gives 16 visits, $7,788.00.",
    "name = 'nextgen-2026-750', network = 'out'",
    "name,scenario\na,readme-patient\nb,payer-tricare",
    "date,code,units,charge\n2026-12-07,96365,1,550.00",
    "visit  date        charge  you pay\n1      2026-12-07  600.00  600.00",
    "born out of network, the cost is hers",
    "The plan was born of a merger in 2019.",
    "Ask for Dr. of Pharmacy on staff.",
    "In May, June and July the deductible is met.",
    "Montgomery County in Maryland taxes income at 3.2%.",
    "Mark the visit as denied and rose costs by 4%.",
    "The case is settled: the plan pays 60%.",
    "This is Medicare Advantage with a limit of $5,900.",
    "A plan called NextGen Medical Plan for 2026.",
)
"""What counselors write of a case that names nobody."""


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in FORMS.items() for text in texts])
def test_a_form_of_an_identifier_is_refused(name: str, text: str) -> None:
    refused = [found for found in check_text(text) if found.action == "refused"]
    assert name in {found.kind for found in refused}
    digits = "".join(filter(str.isdigit, text))
    assert not any(len(digits) > 5 and digits in "".join(filter(str.isdigit, str(found))) for found in refused)


@pytest.mark.parametrize("text", CLEAN)
def test_a_clean_sentence_is_not_refused(text: str) -> None:
    assert [str(found) for found in check_text(text) if found.action == "refused"] == []


def book(**data: Any) -> dict[str, Any]:
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    cell = {"cell_type": "code", "source": "1", "metadata": {}, "execution_count": 1, "outputs": [output]}
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


ROWS = (
    "name,dob,phone\nJane Doe,07/04/1978,9195550142",
    "| name | mrn | plan |\n| --- | --- | --- |\n| Doe | 00451873 | PPO |",
    "   last_name        dob\n0        Doe  7/4/1978",
    "member_id\tcharge\n00451873\t550.00",
)


@pytest.mark.parametrize("rows", ROWS)
def test_a_column_under_a_label_is_read_with_it(rows: str) -> None:
    assert any(found.action == "refused" for found in check_text(rows))


def test_a_table_of_html_is_read_with_its_headings() -> None:
    html = (
        "<table><tr><th></th><th>mrn</th><th>dob</th></tr><tr><th>0</th><td>00451873</td><td>19780704</td></tr></table>"
    )
    assert {found.kind for found in gate(book(**{"text/html": html})).refused} >= {"record_number", "birth_date"}


@pytest.mark.parametrize("number", [412559812, 9195550142])
def test_a_bare_number_in_a_figures_data_is_refused(number: int) -> None:
    figure = {"data": [{"type": "bar", "x": ["a"], "y": [1], "customdata": [number]}], "layout": {}}
    assert gate(json.loads(json.dumps(book(**{"application/vnd.plotly.v1+json": figure})))).refused
