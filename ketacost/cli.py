"""The command line: run, batch, adjudicate, check, entries, lab, app and more. Each command loads what it needs."""

from __future__ import annotations

import errno
import json as json_text
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Never, cast

import typer
from typer import Argument, Option
from typer.core import TyperGroup

from ketacost.core.dates import day_of
from ketacost.core.fields import KetacostError, require
from ketacost.core.untrusted import WAY_OUT, unforeseen
from ketacost.core.words import brief
from ketacost.files.standard_streams import (
    adjudicate_many,
    given,
    line_width,
    may_write,
    print_names,
    progress_of,
    say,
    settings_in,
    show,
    wanted,
)

if TYPE_CHECKING:
    from ketacost.analysis.cohorts import CohortOptions
    from ketacost.model.adjudication import Claim


class Plain(TyperGroup):
    """Every error is written in plain words on stderr, with exit code 2 and no traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; whatever goes wrong ends it with a message and exit code 2."""
        try:
            return super().invoke(ctx)
        except KetacostError as error:
            _stop(str(error))
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            _stop(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        except (typer.Exit, typer.Abort):
            raise
        except ModuleNotFoundError as error:
            _stop(f"this needs {error.name}, which is not installed: `pip install ketacost` brings all that it needs")
        except Exception as error:
            if hasattr(error, "exit_code"):  # what the command line itself tells: an unknown option, a missing argument
                raise
            _stop(f"ketacost {' '.join(sys.argv[1:])[:200]}: {unforeseen(error)} {WAY_OUT}")


app = typer.Typer(
    cls=Plain,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _examples() -> list[str]:
    from ketacost.estimate.scenario import examples

    return list(examples())


def _plans() -> list[str]:
    from ketacost.model.plans import published_plans

    return list(published_plans())


AsJson = Annotated[bool, Option("--json", help="Print JSON; docs/json.md describes it.")]
AsCsv = Annotated[bool, Option("--csv", help="Print the lines as CSV.")]
Folder = Annotated[Path | None, Option(metavar="FOLDER", help="Where your notebooks are kept.")]
Port = Annotated[int | None, Option(min=1, max=65_535, metavar="PORT", help="The port on this machine.")]
Pdf = Annotated[bool, Option("--pdf", help="Write a PDF beside the page (needs Chromium, Chrome or Edge).")]
Live = Annotated[bool, Option("--live", help="Make the panel work in the page, without Python.")]
Language = Annotated[str, Option(metavar="LANGUAGE", help="The language of the words around the content: en or es.")]
Page = Annotated[Path, Option("--output", "-o", metavar="PAGE", help="The page to write, as in page.html.")]
NoBrowser = Annotated[bool, Option("--no-browser", help="Print the address, open no browser.")]
Today = Annotated[str | None, Option(metavar="DATE", help="The day that the numbers are for, as in 2026-11-27.")]
RuleName = Annotated[
    str,
    Option(
        "--rule", metavar="NAME", help='A variant of the rule, as in "copay accumulator"; `ketacost rules` lists them.'
    ),
]
Steps = Annotated[bool, Option("--steps", help="Print every step of the arithmetic too.")]
Columns = Annotated[
    Path | None,
    Option(
        "--columns",
        metavar="FILE",
        help="A small file that says which column holds what; if it is not there, what was found is kept in it.",
    ),
]
Dates = Annotated[
    str, Option("--dates", metavar="STYLE", help="What 1/2/2026 means: us is January 2, day-first February 1; or iso.")
]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        say(f"ketacost {version('ketacost')}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, Option("--version", help="Print the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """What a course of ketamine treatment will really cost: estimates with their sources, no advice."""


@app.command("run")
def run_command(
    scenario: Annotated[
        str | None,
        Argument(
            metavar="SCENARIO",
            autocompletion=_examples,
            help="A scenario file, the name of a shipped example, or - for standard input.",
        ),
    ] = None,
    json: AsJson = False,
    csv: AsCsv = False,
    steps: Steps = False,
    settings: Annotated[
        list[str] | None,
        Option("--set", metavar="ENTRY=VALUE", help="Set an entry, as in prices.iv-mood.infusion=550."),
    ] = None,
    today: Today = None,
    rule: RuleName = "",
    listed: Annotated[bool, Option("--list", help="List the shipped examples.")] = False,
) -> None:
    """What one scenario costs: the headline, the outcomes, the bill."""
    from ketacost.estimate.scenario import example, examples
    from ketacost.files.scenario_files import load

    _one_form(json, csv)
    if listed:
        titles = {name: example(name).title for name in examples()}
        print_names(titles, json=json)
        return
    if scenario is None:
        raise KetacostError(f"which scenario? Give a file, or an example: {', '.join(examples())}")
    from ketacost.estimate.answer import scenario_of
    from ketacost.estimate.estimate import estimate
    from ketacost.reports.json_output import as_dict

    day = day_of(today) if today else None
    said = settings_in(settings or ()) | ({"rule": rule} if rule else {})
    with given(scenario, ".toml") as file:
        found = estimate(scenario_of(load(file, today=day), said or None))
    if json:
        say(json_text.dumps(as_dict(found), indent=2))
    elif csv:
        _print_csv(found.shown.claims)
    else:
        from ketacost.reports.text import answer_text

        say(answer_text(found, steps=steps, width=line_width()))


@app.command("plans")
def plans_command(json: Annotated[bool, Option("--json", help="Print JSON.")] = False) -> None:
    """The published plans that a scenario can use, with their ids."""
    from ketacost.model.plans import published_plan, published_plans

    print_names({name: published_plan(name).plan.name for name in published_plans()}, json=json)


@app.command()
def batch(
    source: Annotated[
        Path,
        Argument(
            metavar="SOURCE",
            help="A folder of scenario files, or a CSV or XLSX file with a scenario in each row; - for a CSV file from "
            "standard input.",
        ),
    ],
    output: Annotated[
        Path,
        Option("--output", "-o", metavar="FILE", help="The CSV file to write, a row for each scenario; - prints it."),
    ],
    lines: Annotated[
        Path | None, Option(metavar="FILE", help="Write the lines of each shown case too, as one Parquet file.")
    ] = None,
    today: Today = None,
    dates: Dates = "us",
) -> None:
    """Many scenarios at once. Rows without an answer are listed, and the rest go on (then the exit code is 1)."""
    from ketacost.files.batch import jobs
    from ketacost.files.batch_run import BatchStopped, ended_as_interrupted, write_batch

    if lines:
        may_write(lines, source, output)
    with given(source, ".csv") as rows, wanted(output) as answers:
        day = day_of(today) if today else None
        todo = jobs(rows, today=day, dates=dates, note=lambda note: say(f"{source.name}: {note}", err=True))
        may_write(answers, rows)
        try:
            with ended_as_interrupted(), progress_of(len(todo)) as tell:
                run = write_batch(todo, answers, lines, tell=tell)
        except BatchStopped as stopped:
            say(stopped, err=True)
            raise typer.Exit(130) from None
    for row in run.unanswered:
        place = f"row {row['row']}" if row["row"].isdigit() else row["row"]
        say(f"{source.name}, {place}: {row['problem']}", err=True)
    say(f"{run.rows - len(run.unanswered):,} of {run.rows:,} answered; written to {output}", err=True)
    raise typer.Exit(1 if run.unanswered else 0)


@app.command("adjudicate")
def adjudicate_command(
    claims: Annotated[
        Path,
        Argument(
            metavar="CLAIMS",
            help="Claim lines in a CSV or XLSX file, or - for CSV from standard input; with -o also a Parquet file, or "
            "a folder of such files.",
        ),
    ],
    plan: Annotated[
        list[str] | None,
        Option(
            metavar="PLAN",
            autocompletion=_plans,
            help="A plan file, or the id of a published plan; with -o it may be given again.",
        ),
    ] = None,
    used: Annotated[
        Path | None, Option(metavar="FILE", help="A file with what the plan year has already used.")
    ] = None,
    second: Annotated[
        str | None, Option(metavar="PLAN", help="A second plan that pays after it: a plan file, or a published id.")
    ] = None,
    coordination: Annotated[
        str, Option(metavar="HOW", help="How the second plan pays: standard, maintenance of benefits, carve-out.")
    ] = "standard",
    network: Annotated[str | None, Option(metavar="NAME", help="The plan's network for rows that give none.")] = None,
    columns: Columns = None,
    dates: Dates = "",
    output: Annotated[
        Path | None,
        Option("--output", "-o", metavar="OUT", help="Many patients: the folder, .csv or .parquet file to write."),
    ] = None,
    totals: Annotated[bool, Option("--totals", help="With -o: a row for each patient, not for each line.")] = False,
    cents: Annotated[bool, Option("--cents", help="With -o: amounts as whole cents, not as dollars.")] = False,
    rule: RuleName = "",
    json: AsJson = False,
    csv: AsCsv = False,
    steps: Steps = False,
) -> None:
    """Take any claim lines through any plan. If a row is wrong, it is listed and nothing is adjudicated.

    With -o the lines may be of any number of patients and plans (docs/cohorts.md).
    """
    from ketacost.core.writing import write_whole
    from ketacost.estimate.designs import complete
    from ketacost.files.batch import differences, map_text, read_bill
    from ketacost.files.scenario_files import load_columns, load_plan, load_used

    _one_form(json, csv)
    read_as = load_columns(columns, dates)
    if output:
        if columns and not columns.exists():
            raise KetacostError(f"there is no file {columns}; without -o it is written for you to check and change")
        how: CohortOptions = {"network": network, "totals": totals, "rule": rule, "columns": read_as}
        how["money"] = "cents" if cents else "dollars"
        adjudicate_many(claims, plan or (), used, output, **how)
        return
    if claims.is_dir() or claims.suffix == ".parquet":
        raise KetacostError(f"where should the results of {claims.name} go? Give -o with a folder or a file")
    if not plan or len(plan) > 1:
        raise KetacostError("which plan? Give one, as in --plan plan.toml; many plans go with -o")
    from ketacost.model.accumulators import Used, beyond
    from ketacost.model.adjudication import adjudicate
    from ketacost.model.bills import network_in
    from ketacost.model.coordination import COORDINATIONS, SecondPlan, coordinate
    from ketacost.reports.json_output import claims_as_dict
    from ketacost.reports.text import NO_LIMIT, claims_text

    terms = complete(printed := load_plan(plan[0]))
    side = network_in(network or "", tuple(terms.networks)) or (
        "out" if "out" in terms.networks else next(iter(terms.networks))
    )
    terms.network(side)
    with given(claims, ".csv") as file:
        bill = read_bill(file, network=side, networks=tuple(terms.networks), columns=read_as, booklet=terms.lines)
    for note in (*bill.notes, *([NO_LIMIT] if terms != printed else [])):
        say(f"{claims.name}: {note}", err=True)
    if columns and not columns.exists():
        write_whole(columns, map_text(bill.found, read_as.dates))
        say(f"{claims.name}: the columns are kept in {columns}", err=True)
    if bill.problems:
        raise KetacostError("\n".join(bill.problems))
    before = load_used(used) if used else Used()
    for sentence in beyond(before, terms):
        say(f"{used}: {sentence}", err=True)
    adjudicated: Sequence[Claim] = adjudicate(bill.lines, terms, before, rule=rule)
    if second:
        require("way to coordinate", coordination, COORDINATIONS)
        beside = SecondPlan(complete(load_plan(second)), cast(Any, coordination))
        adjudicated = coordinate(bill.lines, terms, beside, before, rule=rule)
    for difference in differences(bill, adjudicated):
        say(f"{claims.name}, {difference}", err=True)
    if json:
        say(json_text.dumps(claims_as_dict(adjudicated), indent=2))
    elif csv:
        _print_csv(adjudicated)
    else:
        say(claims_text(adjudicated, terms, steps=steps, width=line_width()))


@app.command("rules")
def rules_command() -> None:
    """The variants that `--rule` takes, with their sources."""
    from ketacost.model.rules import rules

    for rule in rules().values():
        show(f"{rule.name}: {rule.description} Source ({rule.grade}): {rule.source}.")


@app.command()
def check(
    scenario: Annotated[
        str | None,
        Argument(
            metavar="SCENARIO", autocompletion=_examples, help="A scenario file or example; all numbers if left out."
        ),
    ] = None,
    on: Annotated[str | None, Option(metavar="DATE", help="The day to check for; today if left out.")] = None,
    every: Annotated[bool, Option("--all", help="Name every number of the data.")] = False,
    due: Annotated[
        str | None, Option(metavar="DATE", help="List what is not known for a day, with its file and key.")
    ] = None,
    json: Annotated[bool, Option("--json", help="Print JSON.")] = False,
) -> None:
    """How old and how sure the numbers are. All of them, or those of one scenario."""
    from ketacost.estimate.estimate import estimate
    from ketacost.files.data_check import check_as_dict, check_text, due_as_dict, due_text
    from ketacost.files.scenario_files import load

    if due:
        last = day_of(due)
        say(json_text.dumps(due_as_dict(last), indent=2)) if json else show(due_text(last))
        return
    day, found = day_of(on) if on else date.today(), estimate(load(scenario)) if scenario else None
    say(json_text.dumps(check_as_dict(day, found), indent=2)) if json else show(check_text(day, found, every=every))


@app.command()
def schema(
    what: Annotated[str, Argument(metavar="WHAT", help="scenario, plan, used, columns, answer or lines.")] = "scenario",
) -> None:
    """The JSON Schema of a file, or of what `--json` prints. `run --json` is answer, `adjudicate --json` lines."""
    from ketacost.files.json_schema import schema as schema_of

    say(json_text.dumps(schema_of(what), indent=2))


@app.command()
def entries() -> None:
    """Every entry that you can set, with its meaning. Files, `--set` and `batch` take them: docs/entries.md."""
    from ketacost.estimate.entries_page import entries_page

    say(entries_page(), nl=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(
    ctx: typer.Context,
    folder: Folder = None,
    port: Port = None,
    no_browser: NoBrowser = False,
    print_folder: Annotated[
        bool, Option("--print-folder", help="Copy the notebooks, print their folder, and stop.")
    ] = False,
) -> None:
    """Open the notebooks in JupyterLab, on this machine alone. Notebooks that you changed are never overwritten.

    Other options are passed on to JupyterLab.
    """
    from secrets import token_urlsafe

    from ketacost.jupyter.app import free_port
    from ketacost.jupyter.lab import address, command, has_screen, prepare, start

    place, actions = prepare(folder)
    if print_folder:
        say(place)
        return
    browser, key, taken = not no_browser and has_screen(), token_urlsafe(24), free_port(port, first=8888)
    words = command(place, port=taken, browser=browser, more=ctx.args)
    say(f"Notebooks: {place}{f' ({len(actions)} new or renewed)' if actions else ''}", err=True)
    say("Ctrl-C ends JupyterLab. It is open in your browser, or at:" if browser else "Ctrl-C ends it. Open:", err=True)
    say(address(place, taken, key), err=True)
    start(words, key)


@app.command("app")
def app_command(
    what: Annotated[
        str | None,
        Argument(metavar="WHAT", help="A scenario's file, an example, or a notebook; the panel alone if left out."),
    ] = None,
    folder: Folder = None,
    today: Today = None,
    port: Port = None,
    no_browser: NoBrowser = False,
    base_path: Annotated[
        str, Option("--base-path", metavar="PATH", help="Behind a hub's proxy: what its addresses begin with.")
    ] = "/",
    host: Annotated[
        list[str] | None,
        Option("--allow-host", metavar="NAME", help="Behind a hub's proxy: its name; may be repeated."),
    ] = None,
) -> None:
    """Serve the panel or a notebook as a page without code. On this machine alone; Ctrl-C ends it."""
    from ketacost.jupyter import app as apps
    from ketacost.jupyter.lab import has_screen

    path, actions = apps.page_for(what, folder, day_of(today) if today else None)
    for line in actions:
        say(line, err=True)

    def ready(address: str) -> None:
        say(f"{apps.TITLE if path.stem == 'panel' else path.name}\nCtrl-C ends it. Open:\n{address}")
        if not no_browser and has_screen():
            apps.open_browser(address)

    apps.serve(path, port=port, ready=ready, base_path=base_path, hosts=host or ())


@app.command("report")
def report_command(
    scenario: Annotated[str, Argument(metavar="SCENARIO", help="A scenario file, or the name of a shipped example.")],
    output: Page,
    notebook: Annotated[
        str,
        Option(
            metavar="NOTEBOOK", help="The notebook to run: a file with a cell tagged parameters, or one that ships."
        ),
    ] = "01_what_will_it_cost",
    today: Today = None,
    pdf: Pdf = False,
    live: Live = False,
    language: Language = "en",
) -> None:
    """Run a notebook for a scenario and write it as one HTML file."""
    from ketacost.jupyter.report import report

    day = day_of(today) if today else None
    shared = report(scenario, output, book=notebook, today=day, live=live, pdf=pdf, language=language)
    for path in (shared.page, *shared.copies):
        say(f"{path} ({path.stat().st_size / 1e6:.2f} MB)")


@app.command("share")
def share_command(
    notebook: Annotated[
        Path, Argument(metavar="NOTEBOOK", help="The notebook to share. It is read, never run and never changed.")
    ],
    output: Page,
    pdf: Pdf = False,
    live: Live = False,
    ipynb: Annotated[
        Path | None, Option(metavar="FILE", help="Write a cleaned notebook too, for viewers that run no scripts.")
    ] = None,
    md: Annotated[Path | None, Option(metavar="FILE", help="Write Markdown too: words and tables.")] = None,
    language: Language = "en",
    allow: Annotated[
        list[str] | None, Option(metavar="KIND", help="Keep a kind of identifier; may be given again.")
    ] = None,
    people: Annotated[
        Path | None, Option(metavar="FILE", help="Names that must not be in the page, one a line.")
    ] = None,
    pictures: Annotated[
        bool, Option("--pictures/--no-pictures", help="Draw pictures for where no script runs.")
    ] = True,
) -> None:
    """Write a notebook as one HTML file to hand to somebody.

    It works without a network and holds no names, no paths and no hidden state.
    """
    from ketacost.privacy.notebooks import people_in
    from ketacost.sharing.share import share_notebook

    shared = share_notebook(
        notebook,
        output,
        pdf=pdf,
        live=live,
        language=language,
        allow=allow or (),
        people=people_in(people) if people else (),
        ipynb=ipynb,
        md=md,
        draw=pictures,
    )
    for identifier in shared.identifiers:
        say(f"{identifier.action}: {identifier.kind} in {identifier.where}: {identifier.excerpt}", err=True)
    for line in shared.left_out:
        say(line, err=True)
    for path in (shared.page, *shared.copies):
        say(f"{path} ({path.stat().st_size / 1e6:.2f} MB)")


@app.command("gallery")
def gallery_command(
    pages: Annotated[
        list[Path], Argument(metavar="PAGE...", help="Pages that `ketacost share` made, in the order to list them.")
    ],
    output: Annotated[
        Path, Option("--output", "-o", metavar="FOLDER", help="The folder to write; it is created if needed.")
    ],
    language: Language = "en",
) -> None:
    """Make a folder of shared pages with an index. It opens from a disk, a USB stick or any web server."""
    from ketacost.sharing.gallery import gallery

    say(gallery(pages, output, language=language))


@app.command("fetch")
def fetch_command(
    folder: Annotated[
        Path | None,
        Argument(
            metavar="FOLDER",
            help="A folder with the files, such as ketacost/vendor of another machine; npm if left out.",
        ),
    ] = None,
    attempt: Annotated[bool, Option("--try", help="List what cannot be fetched, and do not fail.")] = False,
) -> None:
    """Fetch what a live page carries. For a checkout; a wheel already has it: Python for browsers and plotly."""
    from ketacost.sharing.fetch import NotFetched, fetch

    try:
        steps = list(fetch(folder))
        say("\n".join(steps) or "Nothing to fetch: every file is there, with its hash.")
    except NotFetched as error:
        if not attempt:
            raise
        say(error, err=True)


@app.command("verify")
def verify_command(
    page: Annotated[Path, Argument(metavar="PAGE", help="A shared page, or a notebook that holds a fingerprint.")],
    json: Annotated[bool, Option("--json", help="Print JSON; docs/verify.md describes it.")] = False,
    original: Annotated[
        str | None, Option(metavar="SCENARIO", help="What the page was made of: names what was changed in it by hand.")
    ] = None,
) -> None:
    """Whether a shared page's numbers can be reproduced today. It names what changed and why, and runs nothing."""
    from ketacost.files.scenario_files import load
    from ketacost.sharing.verify import verdict_as_dict, verdict_text, verify

    verdict = verify(page, original=load(original) if original else None)
    say(json_text.dumps(verdict_as_dict(verdict), indent=2)) if json else show(verdict_text(verdict))
    raise typer.Exit(0 if verdict.reproduces else 1)


def _one_form(json: bool, csv: bool) -> None:
    """Refuse two forms of one output. Raises KetacostError."""
    if json and csv:
        raise KetacostError("--json and --csv are two forms of the same lines; give one of them")


def _print_csv(claims: Sequence[Claim]) -> None:
    from ketacost.files.batch import as_csv
    from ketacost.reports.json_output import LINE_COLUMNS, line_as_dict

    say(as_csv(LINE_COLUMNS, map(line_as_dict, claims)), nl=False)


def _stop(problem: str) -> Never:
    say(f"Error: {brief(problem)}", err=True)
    raise typer.Exit(2)
