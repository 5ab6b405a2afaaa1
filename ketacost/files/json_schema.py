"""JSON Schemas (draft 2020-12) of the files and of the JSON that is printed, for editors and other programs.

pydantic reads the dataclasses; what people may write for money, shares, days and numbers is put in from the same types.
What a schema cannot know (a network that the plan does not have, a fraction of a cent) reading still refuses.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Annotated, Any, Union, cast, get_args, get_origin

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from ketacost.core.convert import NONE
from ketacost.core.fields import descriptions, hints_of, named
from ketacost.core.money import LARGEST, MOST_TIMES
from ketacost.core.references import read_toml
from ketacost.estimate.distributions import NEEDS
from ketacost.estimate.scenario import Scenario
from ketacost.model.accumulators import Used
from ketacost.model.bills import ColumnMap
from ketacost.model.booklet import LINE
from ketacost.model.courses import WEEKDAYS
from ketacost.model.coverage import STEPS
from ketacost.model.payers import payers
from ketacost.model.plans import PARTS, Network, Plan, PublishedPlan, published_plans
from ketacost.model.policies import insurers
from ketacost.model.protocols import protocols, services

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_MONTH, _DAY = "(0?[1-9]|1[0-2])", "(0?[1-9]|[12][0-9]|3[01])"
_NUMBER = r"([0-9]{1,3}(,[0-9]{3})+|[0-9]+)"
WRITTEN: Mapping[str, Mapping[str, Any]] = {
    "USD": {
        "description": 'USD: 600, 248.30 or "1,234.50".',
        "type": ["number", "string"],
        "minimum": 0,
        "maximum": LARGEST // 100,
        "pattern": rf"^\s*\$?\s*({_NUMBER}(\.[0-9]{{0,2}}0*)?|\.[0-9]{{1,2}}0*)\s*$",
    },
    "share": {
        "description": 'A share: 0.4 or "40%".',
        "type": ["number", "string"],
        "minimum": 0,
        "maximum": 1,
        "pattern": r"^\s*((100(\.0*)?|[0-9]{1,2}(\.[0-9]{0,2}0*)?)\s*%|1(\.0*)?|0?\.[0-9]{1,4}0*|0\.?)\s*$",
    },
    "multiple": {
        "description": 'How many times: 1.4 or "140%".',
        "type": ["number", "string"],
        "minimum": 0,
        "maximum": MOST_TIMES,
        "pattern": r"^\s*((2000(\.0*)?|1?[0-9]{1,3}(\.[0-9]{0,2}0*)?)\s*%"
        r"|20(\.0*)?|1?[0-9](\.[0-9]{0,4}0*)?|\.[0-9]{1,4}0*)\s*$",
    },
    "day_of_the_year": {
        "description": 'The day on which a year begins: a month, as 9, or a day, as "03-15".',
        "type": ["integer", "string"],
        "minimum": 1,
        "maximum": 12,
        "pattern": rf"^\s*({_MONTH}|(0?[13578]|1[02])[-/]{_DAY}|(0?[469]|11)[-/](0?[1-9]|[12][0-9]|30)"
        r"|0?2[-/](0?[1-9]|1[0-9]|2[0-8]))\s*$",
    },
    "day": {
        "description": "A day: 2026-11-30, or as US spreadsheets write it: 11/30/2026, 30-Nov-26.",
        "type": "string",
        "pattern": rf"^\s*([0-9]{{4}}[-/]{_MONTH}[-/]{_DAY}|{_MONTH}[-/]{_DAY}[-/]([0-9]{{4}}|[0-9]{{2}})"
        r"|[0-9]{1,2}-[A-Za-z]{3}-([0-9]{4}|[0-9]{2}))( 0?0:00(:00)?)?\s*$",
    },
}
NUMBER = {"type": ["integer", "string"], "pattern": r"^\s*[0-9]+(\.0*)?\s*$"}
YES_OR_NO = {"anyOf": [{"type": "boolean"}, {"enum": ["true", "false", "yes", "no", "y", "n", "1", "0"]}]}
NOTHING = {"enum": [None, *NONE]}

WORDS: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": "string"},
    "amount": {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$"},
    "day": {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    "month": {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}$"},
    "fraction": {"type": "string", "pattern": r"^[0-9]+(/[0-9]+)?$"},
    "whole number": {"type": "integer", "minimum": 0},
    "number": {"type": "number", "minimum": 0},
    "yes or no": {"type": "boolean"},
    "table": {"type": "object"},
}
"""What an entry of `data/json_output.toml` may hold, beside the objects of that file."""
PRINTED = ("answer", "lines")
"""What is printed and not read: the JSON of `run` and of `adjudicate`."""


def schema(what: str) -> dict[str, Any]:
    """The JSON Schema of a file, "scenario", "plan", "used" or "columns", or of what is printed: "answer", "lines"."""
    if what in PRINTED:
        objects = {name: _printed(table) for name, table in read_toml("json_output.toml").items()}
        return {"$schema": DRAFT, **objects[what], "$defs": {k: v for k, v in objects.items() if k not in PRINTED}}
    files = {"scenario": Scenario, "plan": Plan, "used": Used, "columns": ColumnMap}
    kind = named("schema", what, {**files, **dict.fromkeys(PRINTED, Used)})
    whole = TypeAdapter(kind).json_schema(schema_generator=_Quiet)
    tables = {kind.__name__: whole, **whole.pop("$defs", {})}
    for table in _kinds(kind):
        _describe(tables[table.__name__], table)
    _known_names(tables)
    if kind is Scenario:
        _scenario_file(tables)
    elif kind is Plan:
        _plan_file(tables)
    itself = tables[kind.__name__]
    held = tables if f"#/$defs/{kind.__name__}" in str(tables) else {k: v for k, v in tables.items() if v is not itself}
    return {"$schema": DRAFT, **itself, "$defs": {**WRITTEN, **held}}


def _printed(table: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of one object that is printed: its entries, and no others."""
    entries = table["entries"]
    return {
        "type": "object",
        "properties": {name: {"description": one["is"], **_holds(one["holds"])} for name, one in entries.items()},
        "required": [name for name, one in entries.items() if not one.get("optional")],
        "additionalProperties": False,
    }


def _holds(words: str) -> dict[str, Any]:
    """The schema of what an entry holds, as `data/json_output.toml` says it."""
    if words.endswith(" or null"):
        return {"anyOf": [_holds(words.removesuffix(" or null")), {"type": "null"}]}
    if words.endswith(" by name"):
        return {"type": "object", "additionalProperties": _holds(words.removesuffix(" by name"))}
    if words.startswith("list of "):
        return {"type": "array", "items": _holds(words.removeprefix("list of "))}
    if words.startswith("one of: "):
        return {"enum": words.removeprefix("one of: ").split(", ")}
    return dict(WORDS[words]) if words in WORDS else {"$ref": f"#/$defs/{words}"}


class _Quiet(GenerateJsonSchema):
    """Defaults are left to the booklet's words: pydantic would show cents."""

    def default_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])


def _kinds(hint: Any, known: frozenset[type] = frozenset()) -> frozenset[type]:
    """A dataclass and every one that its fields hold, besides those that are known."""
    inside = get_args(hint)
    if is_dataclass(hint) and hint not in known:
        known, inside = known | {cast(type, hint)}, tuple(hints_of(cast(type, hint)).values())
    for one in inside:
        known = _kinds(one, known)
    return known


def _describe(table: dict[str, Any], kind: type) -> None:
    """Put in every field's words, and what may be written for it."""
    entries, hints = table["properties"], hints_of(kind)
    for name, (label, meaning) in descriptions(kind).items():
        entries[name] = {"title": label, "description": meaning, **_as_written(entries[name], hints[name])}
    table["description"] = table["description"].replace(", in cents", "")
    table["additionalProperties"] = False


def _as_written(schema: Mapping[str, Any], hint: Any) -> dict[str, Any]:
    """What people may write for a type, where pydantic says what the package holds."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return {"$ref": f"#/$defs/{args[1].replace(' ', '_')}"}
    if origin in (Union, types.UnionType):
        return {"anyOf": [_as_written(arm, argument) for arm, argument in zip(schema["anyOf"], args, strict=True)]}
    if origin is tuple:
        several = {"type": "array", "items": _as_written(schema["items"], args[0])}
        if is_dataclass(args[0]):
            return several
        return {"anyOf": [several, {"type": "string", "description": "The same, parted by commas."}]}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _as_written(schema["additionalProperties"], args[1])}
    plain = {int: NUMBER, bool: YES_OR_NO, date: {"$ref": "#/$defs/day"}, type(None): NOTHING}
    if hint in plain:
        return dict(cast(Mapping[str, Any], plain[hint]))
    return {key: value for key, value in schema.items() if key not in ("title", "default")}


def _known_names(tables: Mapping[str, dict[str, Any]]) -> None:
    """The names that a field may hold, where the package knows them all."""
    entries = {name: table["properties"] for name, table in tables.items()}
    kinds = {"enum": list(services())}
    if "Course" in entries:
        entries["Course"]["protocol"] |= {"enum": list(protocols())}
        entries["Course"]["works"]["anyOf"][0]["items"] |= {"enum": list(WEEKDAYS)}
    if "Prices" in entries:
        for name in ("charges", "discounts"):
            entries["Prices"][name] |= {"propertyNames": kinds}
        entries["Prices"]["bundled"]["anyOf"][0]["items"] |= kinds
        entries["Package"]["service"] |= kinds
    if "Used" in tables:
        tables["Used"]["dependentRequired"] = {name: ["as_of"] for name in ("members", "family", "visits")}
    if "Network" in entries:
        entries["Network"]["benefits"] |= {"propertyNames": {"pattern": LINE}}
        entries["BenefitGroup"]["benefits"]["anyOf"][0]["items"] |= {"pattern": LINE}
        entries["Network"]["limit_counts"]["anyOf"][0]["items"] |= {"enum": list(PARTS)}
        entries["Network"]["highest_copay_a_day"]["anyOf"][0]["items"] |= {"pattern": LINE}
        entries["Plan"]["networks"] |= {"minProperties": 1}


def _scenario_file(tables: dict[str, dict[str, Any]]) -> None:
    """The short forms of a scenario's file: a plan by its id, prices left out, allowed amounts beside the plan."""
    scenario = tables["Scenario"]
    scenario["required"] = ["course", "plan"]
    scenario["properties"]["payer"] |= {"enum": ["", *payers()]}
    scenario["properties"]["insurer"] |= {"enum": ["", *insurers()]}
    tables["DecisionPath"]["properties"]["step_costs"] |= {"propertyNames": {"enum": list(STEPS)}}
    # A payer's own odds stand in for what a path does not say.
    odds = {"required": tables["DecisionPath"].pop("required")}
    scenario |= {
        "if": {"properties": {"payer": {"minLength": 1}}, "required": ["payer"]},
        "then": {},
        "else": {"properties": {"path": {"if": {"type": "object"}, "then": odds}}},
    }
    tables["Prices"].pop("required")
    _may_change_a_published_one(tables)
    plan = scenario["properties"]["plan"]
    scenario["properties"]["plan"] = {
        **{key: plan[key] for key in ("title", "description")},
        "anyOf": [{"enum": list(published_plans())}, {"$ref": "#/$defs/Plan"}],
    }
    values = {"type": ["string", "number", "boolean"]}
    several = scenario["properties"]["ranges"]["additionalProperties"]["anyOf"]
    several[0]["items"] = values
    several += [_distribution(shape, values) for shape in NEEDS]
    scenario["properties"]["allowed"] = {
        "title": "What your plan will count (allowed amount)",
        "description": 'The allowed amount by service or code, for the clinic\'s network; "typical" for typical ones.',
        "anyOf": [{"const": "typical"}, {"type": "object", "additionalProperties": {"$ref": "#/$defs/USD"}}],
    }
    label, meaning = descriptions(Network)["pricing"]
    pricing = {"title": label, "description": meaning, "$ref": "#/$defs/Pricing"}
    scenario["properties"]["pricing"] = pricing


def _distribution(shape: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """A range that is given as a distribution."""
    value: Mapping[str, Any] = {"type": ["string", "number"]}
    lists: Mapping[str, Any] = {
        "values": {"type": "array", "items": values, "minItems": 1},
        "odds": {"type": "array", "items": {"$ref": "#/$defs/share"}, "minItems": 1},
    }
    return {
        "type": "object",
        "description": f"A distribution, {shape}: {', '.join(NEEDS[shape])}.",
        "properties": {"shape": {"const": shape}, **{name: lists.get(name, value) for name in NEEDS[shape]}},
        "required": ["shape", *NEEDS[shape]],
        "additionalProperties": False,
    }


def _plan_file(tables: dict[str, dict[str, Any]]) -> None:
    """A plan's file: a plan, or a published one by its id with changes, and what published files say beside it."""
    _may_change_a_published_one(tables)
    beside = {f.name: {"description": "Said of published plans; not used here."} for f in fields(PublishedPlan)}
    del beside["id"], beside["plan"]
    tables["Plan"]["properties"] |= beside


def _may_change_a_published_one(tables: dict[str, dict[str, Any]]) -> None:
    """A plan that names a published one says only what differs; any other says what a plan needs."""
    plan = tables["Plan"]
    plan["properties"]["preset"] = {
        "title": "Published plan",
        "description": "The published plan to start from; what else is said here changes it.",
        "enum": list(published_plans()),
    }
    plan["properties"]["next"] = {
        "title": "Next year's plan",
        "description": "The published plan that holds from its own plan year on.",
        "enum": list(published_plans()),
    }
    needed = {"anyOf": [{"required": ["deductible"]}, {"required": ["family_deductible"]}]}
    networks = {"additionalProperties": {"if": {"type": "object"}, "then": needed}}
    plan |= {
        "if": {"required": ["preset"]},
        "then": {},
        "else": {"required": plan.pop("required"), "properties": {"networks": networks}},
    }
