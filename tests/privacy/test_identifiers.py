"""The gate: what may tell who a patient is gets found wherever it stands, and what only looks like it does not."""

import base64
import io
import json
import struct
import tracemalloc
import zlib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageSequence
from places import ROOT

import ketacost as kc
from ketacost.core.convert import as_text
from ketacost.estimate.scenario import examples, table_of
from ketacost.privacy.identifiers import IdentifiersFound, check_text, kinds
from ketacost.privacy.images import stripped
from ketacost.privacy.notebooks import cleaned, gate, machine_names, people_in

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# kind: texts that hold one (none is a real person's), and what stands between ( ) in our words: texts that only look like it.
CASES: dict[str, tuple[list[str], list[str]]] = {
    "ssn": (
        ["123-45-6789", "SSN: 123456789", "social security no. 123 45 6789", "１２３-45-6789", "123\u201145\u20116789"],
        ["000-12-3456", "666-12-3456", "123-00-4567", "NDC 50458-028-03", "2026-11-30", "1123-45-67890"],
    ),
    "itin": (["912-70-1234", "ITIN 912701234"], ["912-10-1234", "912-70-12345"]),
    "medicare_number": (
        ["1EG4-TE5-MK73", "1eg4te5mk73"],
        ["1SG4-TE5-MK73", "0EG4-TE5-MK73", "J3490", "G2082", "96365-59"],
    ),
    "member_number": (
        [
            "Member ID: XYZ123456789",
            "subscriber number W1234567",
            "Policy no. 998877",
            '"member_id": "H55501234"',
            "Medicaid ID 12345678",
        ],
        [
            "member ID: ask the plan",
            "Medical Policy number 0918",
            "coverage policy no. 516",
            "no member number",
            "Policy year 2026",
        ],
    ),
    "group_number": (
        ["Group number: 0071234", "RxGRP: RX1234", "GRP# 55443"],
        ["group of 1200 people", "group number: on the card"],
    ),
    "record_number": (
        ["MRN: 00123456", "medical record number 445566", "Patient ID: A-10023"],
        ["patient pays 12345", "MRN is not asked"],
    ),
    "claim_number": (
        ["Claim number 2026113000123", "Ref: 88-123456", "authorization # A1234567"],
        ["claim 96365", "Reference price 1200", "claim for 550.00"],
    ),
    "account_number": (
        ["Account number: 000123456789", "GB82 WEST 1234 5698 7654 32"],
        ["account for 2026", "GB83 WEST 1234 5698 7654 32"],
    ),
    "routing_number": (["routing number 021000021", "ABA: 011401533"], ["routing number 021000022", "021000021"]),
    "card_number": (
        ["4111 1111 1111 1111", "4111-1111-1111-1111", "378282246310005"],
        ["4111 1111 1111 1112", "5 visits of 4111 each", "0.4111111111111111"],
    ),
    "driver_license": (
        ["Driver's license: D1234567", "DL no. S530-4601"],
        ["a driver's license is not needed", "a DL of 12"],
    ),
    "passport": (["Passport number: 512345678", "passport A1234567"], ["passport: not asked for", "passport 12"]),
    "provider_number": (["NPI 1234567893"], ["NPI 1234567890", "1234567893 dollars"]),
    "dea_number": (["DEA number: AB1234563"], ["DEA number: AB1234564", "DEA schedule III"]),
    "vehicle": (["License plate: 7ABC123", "VIN 1HGCM82633A004352"], ["license plate: unknown", "VIN and plate"]),
    "device": (["00:1A:2B:3C:4D:5E", "Serial number: SN-448812"], ["12:30:45", "serial infusions of 2026", "00-11-22"]),
    "staff_or_student_number": (
        ["Employee ID: 448812", "DoD ID 1234567890"],
        ["employee plan 2026", "student number: none"],
    ),
    "labelled_name": (
        [
            "Patient: Jane Doe",
            "patient_name = 'Jane Doe'",
            "Last name: Doe",
            "Name: Jane Q. Doe",
            "for Mrs. Doe",
            "Paciente: Juana Díaz",
        ],
        [
            "Patient: you pay first",
            "Name of the plan",
            '"name": "Cliff Berry, Inc"',
            "Dr. of the clinic",
            "The patient pays Medicare",
        ],
    ),
    "handle": (["Instagram: @janedoe", "username: jdoe1980"], ["@dataclass", "user name: a"]),
    "street_address": (
        ["16 Main Street", "1200 N. Harbor Blvd", "P.O. Box 45", "742 evergreen terrace road"],
        ["16 visits from 30 November", "3 Infusions a Week", "6 Doses Each Way of 2026", "2 Main reasons"],
    ),
    "zip_plus_4": (["27701-1234"], ["96365-96368", "50458-0028-03", "$27701-1234"]),
    "zip_code": (["ZIP code: 27701", "Durham, NC 27701"], ["ZIP prefix 277", "27701 dollars"]),
    "phone": (
        ["(919) 555-0123", "919-555-0123", "+1 919 555 0123", "919.555.0123", "Phone 9195550123", "+44 20 7946 0958"],
        ["1-800-633-4227", "2026-11-30", "96365 96375 1234", "0409-2053-10", "$919.55"],
    ),
    "fax": (["Fax: 919 555 0124"], ["fax the form", "fax 12"]),
    "email": (["jane.doe+k@example.org"], ["kc@2026", "@ the clinic", "a@b"]),
    "birth_date": (
        [
            "DOB 1980-02-03",
            "Date of birth: 2/3/1980",
            "born on February 3, 1980",
            "birth_date=date(1980, 2, 3)",
            "nacida el 3 de febrero de 1980",
        ],
        ["birth_year=1980", "visit on 2026-11-30", "born in 1980", "date of service: 2026-11-30"],
    ),
    "age_over_89": (
        ["age: 92", "a 94-year-old", "aged 101"],
        ["age: 40", "aged 90 days", "65 years old", "ages 90% of"],
    ),
    "ip_address": (
        ["10.20.30.40", "2001:db8:85a3:0:0:8a2e:370:7334"],
        ["127.0.0.1", "version 4.1.1", "rows[1:2:3]", "999.1.1.1", "3.10.2.1.5"],
    ),
    "url_with_secret": (
        ["https://jane:hunter2@example.org/x", "https://example.org/f?token=abcdef123"],
        ["https://example.org/policy?year=2026", "https://www.cms.gov/medicare"],
    ),
    "secret": (
        [
            "AKIAABCDEFGHIJKLMNOP",
            "ghp_" + "a1" * 18,
            "password = hunter22",
            "-----BEGIN RSA PRIVATE KEY-----",
            "eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSM",
        ],
        ["the password is not kept", "token by token", "a key question: what", "skin-deep-and-short"],
    ),
    "file_path": (
        ["/home/jane/notes.txt", "/Users/jane/x", r"C:\Users\jane doe\x", r"\\clinic\patients"],
        ["/homepage/x", "https://example.org/home/page", "/Users/Shared/x", "data/scenarios/home"],
    ),
    "recording": (["fingerprint ID: 445566"], ["a page's fingerprint", "fingerprint 0.1.0"]),
}
BY_STRUCTURE = {
    "listed_name",
    "machine_name",
    "photo",
    "photo_place",
    "image_metadata",
    "attached_file",
    "author",
    "run_time",
    "widget_state",
}
WRITTEN = [(name, text) for name, (texts, _) in CASES.items() for text in texts]
NEAR = [(name, text) for name, (_, texts) in CASES.items() for text in texts]
ONE = [(name, texts[0]) for name, (texts, _) in CASES.items()]


def book(*cells: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def code(source: str = "1", *outputs: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "source": source,
        "metadata": metadata,
        "outputs": list(outputs),
        "execution_count": 1,
        "id": "ab12",
    }


def told(text: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": text, "metadata": {}, **more}


def shown(mime: str, data: Any, **metadata: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {mime: data}, "metadata": metadata}


def found(notebook: dict[str, Any], **more: Any) -> dict[tuple[str, str], str]:
    """What the gate finds: kind and place, and what it does about it."""
    return {(one.kind, one.where): one.action for one in gate(notebook, **more).identifiers}


# What is found, and what is not


def test_every_kind_is_tried_and_falls_under_the_federal_list() -> None:
    assert set(kinds()) == {*CASES, *BY_STRUCTURE}
    assert len(kinds()) >= 20
    assert {one.hipaa for one in kinds().values()} == set("ABCDEFGHIJKLMNOPQR")


@pytest.mark.parametrize(("name", "text"), WRITTEN)
@pytest.mark.parametrize("around", ["{}", "Then: {}, and more.", "a\n{}\nb"])
def test_an_identifier_is_found_and_told_without_giving_it_away(name: str, text: str, around: str) -> None:
    seen = [one for one in check_text(around.format(text), where="here") if one.kind == name]
    assert len(seen) == 1
    hidden = [sign for sign in text if sign.isalnum()]
    kept = [sign for sign in seen[0].excerpt if sign.isalnum()]
    assert len(kept) <= max(1, min(3, len(hidden) // 3))
    assert "*" in seen[0].excerpt
    assert text not in str(seen[0])


@pytest.mark.parametrize(("name", "text"), NEAR)
def test_what_only_looks_like_one_is_not_taken_for_one(name: str, text: str) -> None:
    assert [one for one in check_text(text) if one.kind == name] == []


@pytest.mark.parametrize(
    "text",
    [
        *("You pay $7,788.00 of $9,288.00.", "96365, 96375, J3490, S0013, G2083 and 99204", "F33.2; ICD-10 F32.A"),
        *("16 visits from 2026-11-30 to 2027-11-04", "8 of 10 cases", "29 CFR 2590.715-2715A2", "Rev. Proc. 2025-19"),
        *(
            "call the plan at 1-800-633-4227",
            "localhost:8888",
            "plan year 2026-09 to 2027-08",
            "scenario_from({'plan': 'x'})",
        ),
    ],
)
def test_what_every_page_holds_is_left_alone(text: str) -> None:
    assert check_text(text) == ()


# Wherever it stands


@pytest.mark.parametrize(("name", "text"), ONE)
def test_it_is_found_in_every_part_of_a_notebook(name: str, text: str) -> None:
    html = text.replace("<", "&lt;").replace('"', "&quot;")
    half = len(text) // 2
    split = f"<p>{text[:half]}<b></b>{text[half:]}</p>".replace("\n", " ")
    action = "refused" if kinds()[name].refused else "allowed"
    places = {
        "cell 1, text": told(f"Note: {text}"),
        "cell 1, code": code(f"x = 1  # {text}"),
        "cell 1, output 1, stdout": code("1", {"output_type": "stream", "name": "stdout", "text": [f"{text}\n"]}),
        "cell 1, output 1, text/plain": code("1", shown("text/plain", text)),
        "cell 1, output 1, text/html": code("1", shown("text/html", f"<table><tr><td>{html}</td></tr></table>")),
        "cell 1, output 1, image/svg+xml": code("1", shown("image/svg+xml", f"<svg><title>{html}</title></svg>")),
        "cell 1, output 1, application/vnd.plotly.v1+json": code(
            "1", shown("application/vnd.plotly.v1+json", {"layout": {"title": {"text": text}}, "data": [{"y": [1.5]}]})
        ),
        "cell 1, output 1, error": code("1", {"output_type": "error", "ename": "E", "evalue": text, "traceback": []}),
        "cell 1, attachment 1, its name": told("x", attachments={text: {"text/plain": "x"}}),
        "cell 1, attachment 1, text/plain": told("x", attachments={"a.txt": {"text/plain": text}}),
        "notebook metadata": book(told("x"), title=text),
    }
    for where, cell in places.items():
        seen = found(cell if "cells" in cell else book(cell))
        if name == "file_path" and where.endswith("error"):
            assert seen[name, where] == "removed"
        else:
            assert seen[name, where] == action, where
    for html_text in (split, f'<img alt="{html}">', f"<!-- {text} -->"):
        if "-->" not in text and name not in ("labelled_name", "url_with_secret"):
            assert (name, "cell 1, output 1, text/html") in found(book(code("1", shown("text/html", html_text)))), (
                html_text
            )
    assert found(book(code("1", x=text)))[name, "cell 1, metadata"] == "removed"
    assert (name, "file name") in found(book(), name=f"{text} .ipynb")


@pytest.mark.parametrize(
    ("mime", "data"),
    [
        ("text/html", "<table><tr><th>Member ID</th><td>XYZ123456789</td></tr></table>"),
        ("text/markdown", "**Member ID:** `XYZ123456789`"),
        ("text/html", "<span>Member ID</span><span>XYZ123456789</span>"),
        ("application/json", {"patients": [{"member_id": "XYZ123456789"}]}),
        ("application/json", {"member_id": 123456789}),
        ("text/html", "<p title='Member ID XYZ123456789'>x</p>"),
        ("text/html", "<p title='Member ID XYZ123456789' title='x'>x</p>"),
        ("text/html", "<ruby>Member ID<rt>XYZ123456789</rt></ruby>"),
        ("text/html", "<template><p>Member ID XYZ123456789</p></template>"),
        ("text/html", "<script>// Member ID XYZ123456789</script><style>x</style>"),
        ("text/html", "<![CDATA[Member ID XYZ123456789]]>"),
        ("text/html", "<?php Member ID XYZ123456789 ?>"),
        ("text/html", "<![x Member ID XYZ<b></b>123456789"),
        ("text/html", "Member ID: XYZ1234<!-- x -->56789"),
        ("text/html", "<div>" * 3000 + "Member ID XYZ123456789"),
        (
            "text/html",
            '<img src="data:image/svg+xml,%3Csvg%3E%3Ctext%3EMember ID XYZ123456789%3C/text%3E%3C/svg%3E">'.replace(
                " ", "%20"
            ),
        ),
        (
            "text/html",
            f'<img src="data:image/svg+xml;base64,{base64.b64encode(b"<svg><desc>Member ID XYZ123456789</desc></svg>").decode()}">',
        ),
    ],
)
def test_a_number_is_found_with_its_label_in_another_cell_or_key(mime: str, data: Any) -> None:
    assert "member_number" in {one.kind for one in gate(book(code("1", shown(mime, data)))).refused}


# What is stripped


def test_metadata_goes_and_what_is_needed_stays() -> None:
    kernel = {"display_name": "jane-env", "language": "python", "name": "jane-env"}
    about = {
        "authors": [{"name": "Jane Doe"}],
        "widgets": {"state": {"x": 1}},
        "papermill": {"start_time": "2026-11-23T10:00:00"},
    }
    ran = {
        "execution": {"iopub.execute_input": "2026-11-23T10:00:00Z"},
        "tags": ["hide"],
        "jupyter": {"source_hidden": True},
    }
    view = "application/vnd.jupyter.widget-view+json"
    output = {
        "output_type": "display_data",
        "data": {view: {"model_id": "1f"}, "text/plain": "x"},
        "metadata": {"x": 1},
        "transient": {},
    }
    through = gate(
        book(
            code("1", output, **ran),
            kernelspec=kernel,
            language_info={"name": "python", "version": "3.11.7"},
            title="Q",
            **about,
        )
    )
    assert through.refused == ()
    assert through.notebook["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "title": "Q",
    }
    cell = through.notebook["cells"][0]
    assert cell["metadata"] == {"tags": ["hide"], "jupyter": {"source_hidden": True}}
    assert cell["id"] == "cell-1"
    assert cell["outputs"] == [{"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": {}}]
    assert {one.kind for one in through.identifiers} >= {"author", "widget_state", "run_time"}
    assert {one.action for one in through.identifiers} == {"removed"}
    assert "jane" not in json.dumps(through.notebook)


def test_a_traceback_keeps_file_names_alone() -> None:
    lines = [
        "\x1b[0;31mFile\x1b[0m /home/jane/clinic/tool.py:12",
        'File "C:\\Users\\jane\\a.py", line 1',
        "1/2 of it, a/b",
    ]
    error = {"output_type": "error", "ename": "E", "evalue": "in /srv/secret/place/x.csv", "traceback": lines}
    warns = {"output_type": "stream", "name": "stderr", "text": ["/opt/jane/lib/x.py:3: UserWarning\n"]}
    through = gate(book(code("1", error, warns)))
    outputs = through.notebook["cells"][0]["outputs"]
    assert outputs[0]["traceback"] == ["\x1b[0;31mFile\x1b[0m tool.py:12", 'File "a.py", line 1', "1/2 of it, a/b"]
    assert outputs[0]["evalue"] == "in x.csv"
    assert outputs[1]["text"] == ["x.py:3: UserWarning\n"]
    assert through.refused == ()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


PIXEL = (
    chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
    chunk(b"IDAT", b"x\x9cc`\0\0\0\2\0\1"),
    chunk(b"IEND", b""),
)
HEAD = b"\x89PNG\r\n\x1a\n"
PLAIN_PNG = HEAD + b"".join(PIXEL)


def tiff(order: str) -> bytes:
    """EXIF with an artist and a place: two entries, the second leading to a table of its own."""
    artist = b"Jane Doe\0"
    first = (
        struct.pack(order + "H", 2)
        + struct.pack(order + "HHII", 0x013B, 2, len(artist), 38)
        + struct.pack(order + "HHII", 0x8825, 4, 1, 47)
    )
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", 8)
    return head + first + struct.pack(order + "I", 0) + artist + struct.pack(order + "H", 0) + b"\0" * 6


SAID = {
    "tEXt": chunk(b"tEXt", b"Author\0Patient: Jane Doe"),
    "zTXt": chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"Patient: Jane Doe")),
    "iTXt": chunk(b"iTXt", b"Title\0\0\0en\0\0Patient: Jane Doe"),
    "iTXt, packed": chunk(b"iTXt", b"Title\0\1\0en\0\0" + zlib.compress(b"Patient: Jane Doe")),
}


@pytest.mark.parametrize("part", SAID.values(), ids=SAID)
def test_what_a_png_says_beside_its_picture_is_told_and_goes(part: bytes) -> None:
    data = HEAD + PIXEL[0] + part + PIXEL[1] + PIXEL[2]
    through = gate(book(code("1", shown("image/png", base64.b64encode(data).decode()))))
    place = "cell 1, output 1, image/png"
    assert {(one.kind, one.where, one.action) for one in through.identifiers} == {
        ("image_metadata", place, "removed"),
        ("labelled_name", place, "removed"),
    }
    assert base64.b64decode(through.notebook["cells"][0]["outputs"][0]["data"]["image/png"]) == PLAIN_PNG


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_place_of_a_photo_is_told_and_goes(order: str) -> None:
    data = HEAD + PIXEL[0] + chunk(b"eXIf", tiff(order)) + PIXEL[1] + PIXEL[2]
    seen = stripped(data)
    assert seen is not None
    assert seen.data == PLAIN_PNG
    assert seen.placed
    assert "Jane Doe" in seen.texts[0]
    through = gate(book(code("1", shown("image/png", base64.b64encode(data).decode()))))
    assert {one.kind for one in through.identifiers} == {"image_metadata", "photo_place", "labelled_name"}


def pixels(data: bytes) -> list[tuple[str, tuple[int, int], bytes]]:
    """A picture's mode, size and pixels, frame by frame."""
    with Image.open(io.BytesIO(data)) as image:
        return [(frame.mode, frame.size, frame.tobytes()) for frame in ImageSequence.Iterator(image)]


def picture(form: str, mode: str = "RGB", **options: Any) -> bytes:
    """A picture of four rows of colors, as a file."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((24, 16)).convert(mode).save(out, form, **options)
    return out.getvalue()


def part(mark: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, mark, len(body) + 2) + body


def within(jpeg: bytes, *parts: bytes) -> bytes:
    """A JPEG with parts at its start."""
    return jpeg[:2] + b"".join(parts) + jpeg[2:]


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 20, "subsampling": 2}])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_keeps_its_picture_alone_bit_for_bit(mode: str, options: dict[str, Any]) -> None:
    plain = picture("JPEG", mode, **options)
    said = part(0xE1, b"Exif\0\0" + tiff(">")), part(0xFE, b"Member ID: XYZ123456789"), part(0xED, b"Photoshop Jane")
    seen = stripped(within(plain, *said) + b"after it: DOB 1980-02-03")
    assert seen is not None
    assert seen.data == plain
    assert seen.placed
    assert len(seen.texts) == 4
    assert "Jane Doe" in seen.texts[0]
    assert "Member ID: XYZ123456789" in " ".join(seen.texts)
    assert "DOB 1980-02-03" in seen.texts[-1]
    assert stripped(plain) == (plain, (), False)


def test_a_second_picture_in_a_jpeg_goes() -> None:
    plain = picture("JPEG")
    head = part(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
    assert head in plain
    seen = stripped(plain.replace(head, part(0xE0, b"JFIF\0\1\1\0\0\1\0\1\1\1abc")))
    assert seen is not None
    assert seen.texts == ("APP0: JFIF      abc",)
    assert b"abc" not in seen.data
    assert pixels(seen.data) == pixels(plain)
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (8, 8), "red")])
    seen = stripped(out.getvalue())
    assert seen is not None
    assert len(pixels(seen.data)) == 1
    assert seen.data.count(b"\xff\xd8") == 1


def test_text_between_the_scans_of_a_jpeg_is_not_vouched_for() -> None:
    plain = picture("JPEG", progressive=True)
    last = plain.rindex(b"\xff\xda")
    assert stripped(plain[:last] + part(0xFE, b"Patient: Jane Doe") + plain[last:]) is None


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_keeps_its_pixels(mode: str) -> None:
    data = picture("PNG", mode, dpi=(144, 144), icc_profile=b"Patient: Jane Doe", exif=b"Exif\0\0" + tiff("<"))
    seen = stripped(data)
    assert seen is not None
    assert pixels(seen.data) == pixels(data)
    assert [entry.partition(":")[0] for entry in seen.texts] == ["icc_profile", "exif"]
    assert b"Jane" not in seen.data
    assert stripped(seen.data) == (seen.data, (), False)
    with Image.open(io.BytesIO(seen.data)) as image:
        assert round(image.info["dpi"][0]) == 144


def test_an_animated_png_keeps_its_frames() -> None:
    out, frames = io.BytesIO(), [Image.new("RGB", (4, 4), color) for color in ("red", "green", "blue")]
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=2)
    seen = stripped(out.getvalue())
    assert seen is not None
    assert pixels(seen.data) == pixels(out.getvalue())
    with Image.open(io.BytesIO(seen.data)) as image:
        assert [frame.info["duration"] for frame in ImageSequence.Iterator(image)] == [100, 200, 300]


@pytest.mark.parametrize("name", [b"jaNe", b"vpAg"])
def test_a_chunk_of_somebodys_own_is_told_and_goes(name: bytes) -> None:
    seen = stripped(HEAD + PIXEL[0] + chunk(name, b"Patient: Jane Doe") + PIXEL[1] + PIXEL[2] + b"DOB 1980-02-03")
    assert seen == (PLAIN_PNG, (f"{name.decode()}: Patient: Jane Doe", "after the end: DOB 1980-02-03"), False)


def test_a_text_that_calls_itself_a_look_is_told_too() -> None:
    said = chunk(b"tEXt", b"gamma\0Patient: Jane Doe")
    seen = stripped(HEAD + PIXEL[0] + said + PIXEL[1] + PIXEL[2])
    assert seen == (PLAIN_PNG, ("gamma: Patient: Jane Doe",), False)


JPEG = picture("JPEG")


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"GIF89a", HEAD, PLAIN_PNG[:-6], HEAD + PIXEL[0] + PIXEL[2], b"\xff\xd8\xff", HEAD + b"\xff" * 40),
        *(JPEG[:-2], JPEG[:-40], JPEG[: len(JPEG) // 2], within(JPEG, part(0xE1, b"Exif\0\0II*\0\xff\xff"))[:60]),
        HEAD + PIXEL[0] + chunk(b"IDAT", b"no picture") + PIXEL[2],
    ],
)
def test_a_broken_picture_is_not_vouched_for(data: bytes) -> None:
    assert stripped(data) is None


@pytest.mark.parametrize(
    "chunks",
    [
        [chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)), *PIXEL[1:]],
        [chunk(b"IHDR", struct.pack(">IIBBBBB", 9_000, 9_000, 8, 0, 0, 0, 0)), *PIXEL[1:]],
        [PIXEL[0], chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 80_000_000)), *PIXEL[1:]],
        [PIXEL[0], chunk(b"iCCP", b"a\0\0" + zlib.compress(b"x" * 80_000_000)), *PIXEL[1:]],
        [PIXEL[0], chunk(b"acTL", struct.pack(">II", 90_000_000, 0)), *PIXEL[1:]],
    ],
)
def test_a_picture_that_unpacks_to_far_too_much_is_not_vouched_for(chunks: list[bytes]) -> None:
    tracemalloc.start()
    assert stripped(HEAD + b"".join(chunks)) is None
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("mime", "kind"),
    [
        *[("image/jpeg", "photo"), ("image/gif", "photo"), ("image/webp", "photo"), ("image/png", "photo")],
        *[("audio/wav", "recording"), ("video/mp4", "recording"), ("application/pdf", "attached_file")],
    ],
)
def test_what_cannot_be_looked_into_is_refused(mime: str, kind: str) -> None:
    body = base64.b64encode(b"not a picture").decode()
    assert found(book(code("1", shown(mime, body)))) == {(kind, f"cell 1, output 1, {mime}"): "refused"}
    inside = f'<img src="data:{mime};base64,{body}">'
    assert found(book(told(inside))) == {(kind, f"cell 1, text, {mime}"): "refused"}
    assert gate(book(told(inside)), allow=[kind]).refused == ()


def test_a_pasted_picture_is_refused_and_a_drawn_one_is_not() -> None:
    body = base64.b64encode(PLAIN_PNG).decode()
    assert found(book(code("1", shown("image/png", body)))) == {}
    pasted = told("![x](attachment:x.png)", attachments={"x.png": {"image/png": body}})
    assert found(book(pasted)) == {("photo", "cell 1, attachment 1, image/png"): "refused"}


# People and machines


def test_listed_names_are_found_whole_and_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "people.txt"
    path.write_text("Jane van Doe  # the first\n\nWill Núñez\n", encoding="utf-8")
    people = people_in(path)
    assert people == ("Jane van Doe", "Will Núñez")

    def seen(text: str) -> bool:
        return [one.kind for one in check_text(text, people=people)] != []

    assert all(map(seen, ["jane van doe", "JANE came", "jane_van_doe.ipynb", "van DOE", "Nunez", "ask Will"]))
    assert not any(map(seen, ["Janet", "Mundoe", "what will it cost", "van", "goodwill", "a doe in the wood"]))
    assert {one.kind for one in check_text("Señora Núñez", people=["Will Nunez"])} == {"listed_name", "labelled_name"}
    assert found(book(told("For Doe")), people=people) == {("listed_name", "cell 1, text"): "refused"}


def test_a_list_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(kc.KetacostError, match="one name a line"):
        people_in(tmp_path / "none.txt")


def test_names_of_this_user_and_machine_are_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".gitconfig").write_text(
        '[user]\n\tname = Rosa Diaz\n\temail = "rosa@clinic.example"\n', encoding="utf-8"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("USER", "rdiaz")
    monkeypatch.setenv("LOGNAME", "root")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "R. Diaz")
    monkeypatch.setattr("socket.gethostname", lambda: "clinic-pc-7.local")
    names = machine_names()
    assert {"rdiaz", "R. Diaz", "clinic-pc-7.local", "clinic-pc-7", "Rosa Diaz", "rosa@clinic.example"} <= set(names)
    assert "root" not in names
    seen = found(book(told("by RDIAZ on clinic-pc-7"), told("rdiazepam")))
    assert seen == {("machine_name", "cell 1, text"): "refused"}


# What is let through


def test_a_kind_that_is_allowed_stays_and_is_told() -> None:
    notebook = book(told("jane@example.org, 123-45-6789"))
    through = gate(notebook, allow=["email"])
    assert [(one.kind, one.action) for one in through.identifiers] == [("ssn", "refused"), ("email", "allowed")]
    assert [one.kind for one in through.refused] == ["ssn"]
    assert cleaned(notebook, allow=["email", "ssn"]).notebook["cells"][0]["source"] == notebook["cells"][0]["source"]
    with pytest.raises(kc.KetacostError, match="did you mean email"):
        gate(notebook, allow=["emails"])


def test_a_refusal_lists_every_place_and_the_way_out() -> None:
    with pytest.raises(IdentifiersFound) as refusal:
        cleaned(book(told("jane@example.org"), told("x"), told("123-45-6789")))
    lines = str(refusal.value).splitlines()
    assert "2 identifiers found, nothing was written" in lines[0]
    assert lines[1].startswith("cell 1, text: E-mail address (j***@")
    assert lines[2].startswith("cell 3, text: Social Security number (123-**-****)")
    assert ["--allow email" in lines[1], "--allow ssn" in lines[2]] == [True, True]
    assert [one.kind for one in refusal.value.identifiers] == ["email", "ssn"]


def test_a_notebook_goes_in_untouched_and_comes_out_alike() -> None:
    notebook = book(code("1", shown("text/html", ["<p>$5</p>"], x=1), y=2), authors=[{"name": "X"}])
    before = deepcopy(notebook)
    first = gate(notebook)
    assert notebook == before
    assert gate(notebook) == first
    assert gate(first.notebook) == (first.notebook, (), ())


def test_what_is_no_notebook_is_told() -> None:
    with pytest.raises(kc.KetacostError, match="format 4"):
        gate({"worksheets": []})


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_shipped_notebook_goes_through(path: Path) -> None:
    through = gate(json.loads(path.read_text("utf-8")), name=path.name)
    assert through.refused == ()
    assert [one for one in through.identifiers if one.kind not in ("widget_state", "zip_code")] == []


@pytest.mark.parametrize("name", examples())
def test_every_shipped_scenario_goes_through(name: str) -> None:
    scenario = kc.example(name)
    shown_ = kc.statement(kc.run(scenario))._repr_html_()
    texts = [
        json.dumps(as_text(table_of(scenario))),
        (ROOT / "data" / "scenarios" / f"{name}.toml").read_text("utf-8"),
        shown_,
    ]
    assert [str(one) for text in texts for one in check_text(text) if one.action == "refused"] == []


# What the docs say


def test_the_docs_name_every_kind_and_their_example_runs() -> None:
    page = (ROOT / "docs" / "privacy.md").read_text("utf-8")
    table = page[page.index("## The kinds") : page.index("## What we decided")]
    assert {name for name in kinds() if f"`{name}`" in table} == set(kinds())
    block = page[page.index("```python\n") + 10 :].split("```")[0]
    *body, last = block.strip().splitlines()
    names: dict[str, object] = {}
    exec("\n".join(body), names)
    assert eval(last, names) == [str(one) for one in check_text("Patient: Jane Doe, and no more")]
