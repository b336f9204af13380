"""Reads the parameters of a request, and refuses what Stripe would refuse.

Held to Stripe's OpenAPI description where it is at hand (https://github.com/stripe/openapi), else
to the hand-written schemas of `parameters`.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from sandbox.stripe import parameters
from sandbox.stripe.errors import StripeError, not_simulated
from sandbox.stripe.parameters import Schema

FILE_NAME = "spec3.checkout.json"
FORM = "application/x-www-form-urlencoded"
BOOLEANS = {"true": True, "false": False}

Steps = tuple[str | int, ...]


def description_folder() -> Path | None:
    """Where Stripe's description lies: PAYLINK_STRIPE_OPENAPI, else beside the repository."""
    named = os.environ.get("PAYLINK_STRIPE_OPENAPI")
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "stripe-openapi"
    folder = Path(named) if named else beside
    return folder if (folder / FILE_NAME).is_file() else None


def plain_schema(part: Any) -> Any:
    """Stripe's dialect as JSON Schema: `nullable` means that null is always allowed."""
    if isinstance(part, list):
        return [plain_schema(item) for item in part]
    if not isinstance(part, dict):
        return part
    rest = {name: plain_schema(value) for name, value in part.items() if name != "nullable"}
    return {"anyOf": [rest, {"type": "null"}]} if part.get("nullable") is True else rest


class RequestRules:
    """What each endpoint takes. `folder` holds Stripe's description; None does without."""

    def __init__(self, folder: Path | None) -> None:
        self._described = {} if folder is None else described_requests(folder)

    def read(self, method: str, template: str, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
        """The decoded and typed parameters; raises StripeError for any that do not fit."""
        simulated = parameters.SCHEMAS[method, template]
        schema = self._described.get((method, template), simulated)
        values: dict[str, Any] = coerce(decode(pairs), schema)
        check(values, schema)
        for path in unknown(values, simulated):
            raise not_simulated(f"the parameter {spell(path)}", spell(path))
        return values


@cache
def described_requests(folder: Path) -> dict[tuple[str, str], Schema]:
    """The parameters of every simulated endpoint, as Stripe's description in `folder` has them."""
    document = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    schemas = {
        (method, template): _request_schema(method, document["paths"][template][method.lower()])
        for method, template in parameters.SCHEMAS
    }
    created = schemas["POST", "/v1/checkout/sessions"]
    created["properties"]["adaptive_pricing"] = parameters.ADAPTIVE_PRICING
    return schemas


def _request_schema(method: str, operation: dict[str, Any]) -> Schema:
    if method == "GET":
        return _query_schema(operation["parameters"])
    schema: Schema = plain_schema(operation["requestBody"]["content"][FORM]["schema"])
    return schema


def _query_schema(listed: list[Any]) -> Schema:
    in_query = [parameter for parameter in listed if parameter["in"] == "query"]
    return {
        "type": "object",
        "properties": {item["name"]: plain_schema(item["schema"]) for item in in_query},
        "required": [item["name"] for item in in_query if item.get("required")],
    }


def decode(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Form fields such as `a[b][0]=c` as nested dictionaries, all keys and leaves strings."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        *steps, last = name.replace("]", "").split("[")
        branch = tree
        for step in steps:
            branch = branch.setdefault(step or str(len(branch)), {})
            if not isinstance(branch, dict):
                raise _two_shapes(name)
        if isinstance(branch.get(last), dict):
            raise _two_shapes(name)
        branch[last or str(len(branch))] = value
    return tree


def _two_shapes(name: str) -> StripeError:
    return StripeError(f"Invalid request: {name} is given both as a value and as an object.")


def coerce(value: Any, schema: Schema) -> Any:
    """`value` with the types that `schema` gives it, where its text allows that."""
    if "anyOf" in schema:
        return coerce(value, _fitting_choice(value, schema["anyOf"]))
    if isinstance(value, dict):
        return _coerce_fields(value, schema)
    kind = schema.get("type")
    if kind == "integer" and re.fullmatch(r"-?[0-9]+", value):
        return int(value)
    if kind == "boolean":
        return BOOLEANS.get(value.lower(), value)
    return value


def _fitting_choice(value: Any, choices: list[Schema]) -> Schema:
    nested = isinstance(value, dict)
    for choice in choices:
        if (choice.get("type") in ("object", "array")) == nested:
            return choice
    return choices[0]


def _coerce_fields(value: dict[str, Any], schema: Schema) -> Any:
    if schema.get("type") == "array" and all(key.isdecimal() for key in value):
        in_order = sorted(value.items(), key=lambda field: int(field[0]))
        return [coerce(item, schema["items"]) for _, item in in_order]
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties") or {}
    return {key: coerce(item, properties.get(key, others)) for key, item in value.items()}


def check(values: dict[str, Any], schema: Schema) -> None:
    """Raise StripeError for the first thing in `values` that `schema` does not take."""
    for path in unknown(values, schema):
        raise StripeError(
            f"Received unknown parameter: {spell(path)}",
            code="parameter_unknown",
            param=spell(path),
        )
    for path in _emptied(values, schema):
        raise StripeError(
            f"You passed an empty string for '{spell(path)}'. We assume empty values are an "
            f"attempt to unset a parameter; however '{spell(path)}' cannot be unset.",
            code="parameter_invalid_empty",
            param=spell(path),
        )
    errors = sorted(Draft202012Validator(schema).iter_errors(values), key=lambda e: list(e.path))
    for error in errors:
        raise _as_stripe_says(error)


def unknown(value: Any, schema: Schema, at: Steps = ()) -> Iterator[Steps]:
    """Where `value` has a field that `schema` does not name, at any depth."""
    for key, item, inner in _children(value, schema):
        if inner is None:
            yield (*at, key)
        else:
            yield from unknown(item, inner, (*at, key))


def _emptied(value: Any, schema: Schema, at: Steps = ()) -> Iterator[Steps]:
    for key, item, inner in _children(value, schema):
        # An empty metadata value, and an empty string that is spelt out as a choice, unset.
        if item == "" and inner is not None and "properties" in schema and "anyOf" not in inner:
            yield (*at, key)
        else:
            yield from _emptied(item, inner or {}, (*at, key))


def _children(value: Any, schema: Schema) -> Iterator[tuple[str | int, Any, Schema | None]]:
    if "anyOf" in schema:
        schema = next((s for s in schema["anyOf"] if _holds(value, s)), {})
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield index, item, schema.get("items", {})
    elif isinstance(value, dict) and schema.get("type") == "object":
        others = schema.get("additionalProperties") or None
        for key, item in value.items():
            yield key, item, schema.get("properties", {}).get(key, others)


def _holds(value: Any, schema: Schema) -> bool:
    return schema.get("type") == ("object" if isinstance(value, dict) else "array")


def spell(path: Iterable[str | int]) -> str:
    """A path as Stripe names a parameter: `line_items[0][quantity]`."""
    first, *rest = [str(step) for step in path]
    return first + "".join(f"[{step}]" for step in rest)


def _as_stripe_says(error: ValidationError) -> StripeError:
    path = list(error.absolute_path)
    expected: Any = error.validator_value
    instance: Any = error.instance
    if error.validator == "required":
        missing = next(name for name in expected if name not in instance)
        param = spell([*path, missing])
        return StripeError(
            f"Missing required param: {param}.", code="parameter_missing", param=param
        )
    param = spell(path)
    if error.validator == "enum":
        choices = ", ".join(str(choice) for choice in expected)
        return StripeError(f"Invalid {param}: must be one of {choices}", param=param)
    if error.validator == "type":
        return StripeError(
            f"Invalid {expected}: {instance}",
            code="parameter_invalid_integer" if expected == "integer" else None,
            param=param,
        )
    if error.validator == "maxLength":
        return StripeError(
            f"Invalid string: {param} must be at most {expected} characters",
            param=param,
        )
    return StripeError(f"Invalid {param}", param=param)
