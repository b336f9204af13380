"""What paylink adds to a schema, as text: graphql/schema.graphql is it to the letter.

`make schema` writes that file anew. Its parser is older than descriptions, and so is its printer.
"""

import os
import textwrap
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import django
from graphene.utils.str_converters import to_camel_case
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLSchema,
    get_named_type,
)
from graphql.language.printer import print_ast
from graphql.utils.ast_from_value import ast_from_value

FILE = Path(__file__).parents[1] / "graphql" / "schema.graphql"
LONGEST_LINE = 99
HEAD = """\
# What saleor-paylink adds to Saleor's schema, printed from the schema itself by `make schema`.
# Money, Order, User, Node, PageInfo, ID, Date, DateTime, DateRangeInput, OrderDirection and
# PositiveDecimal are Saleor's own.
"""
FOOT = """\
# Saleor's own mutations while a collection is AWAITING or PROCESSING:
#   orderConfirm, orderFulfill   -> OrderError code INVALID, the message names the payment link;
#                                   nothing changes
#   orderMarkAsPaid              -> works as Saleor's; the link closes as PAID_MANUALLY
#   orderCancel, orderBulkCancel -> work as Saleor's; the link closes as REVOKED, the collection
#                                   as REJECTED
"""


def printed(schema: GraphQLSchema, extended: dict[str, Iterable[str]]) -> str:
    """The fields that the host's types are extended by, by name of the type, each followed by the
    types of paylink's that no earlier one led to."""
    known: set[str] = set()
    parts = [HEAD]
    for name, fields in extended.items():
        of_host = schema.get_type(name).fields
        added = {field: of_host[field] for field in fields}
        parts.append("\n".join(_block(f"extend type {name}", _members(added))) + "\n")
        for found in _led_to(added, known):
            parts.append("\n".join(_definition(found)) + "\n")
    return "\n".join([*parts, FOOT])


def _led_to(fields: dict[str, Any], known: set[str]) -> Iterator[Any]:
    """The types of paylink's that the fields and their arguments lead to, each once."""
    for field in fields.values():
        arguments = getattr(field, "args", {}).values()
        for each in (*arguments, field):
            found = get_named_type(each.type)
            if found.name.startswith("Payment") and found.name not in known:
                known.add(found.name)
                yield found
                yield from _led_to(getattr(found, "fields", {}), known)


def _definition(type_: Any) -> list[str]:
    lines = _described(type_.description, "")
    if isinstance(type_, GraphQLEnumType):
        return lines + _block(f"enum {type_.name}", [f"  {each.name}" for each in type_.values])
    if isinstance(type_, GraphQLInputObjectType):
        return lines + _block(f"input {type_.name}", _members(type_.fields))
    implements = "".join(f" implements {each.name}" for each in type_.interfaces)
    return lines + _block(f"type {type_.name}{implements}", _members(type_.fields))


def _block(head: str, members: list[str]) -> list[str]:
    return [f"{head} {{", *members, "}"]


def _members(fields: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    for name, field in fields.items():
        lines += _described(field.description, "  ")
        arguments = getattr(field, "args", {})
        if any(each.description for each in arguments.values()):
            lines += [f"  {name}(", *_each(arguments, _argument), f"  ): {field.type}"]
        elif arguments:
            inside = ", ".join(_input(*each) for each in arguments.items())
            lines.append(f"  {name}({inside}): {field.type}")
        else:
            lines.append(f"  {_input(name, field)}")
    return lines


def _each(
    arguments: dict[str, GraphQLArgument], lines_of: Callable[[str, GraphQLArgument], list[str]]
) -> list[str]:
    return [line for each in arguments.items() for line in lines_of(*each)]


def _argument(name: str, argument: GraphQLArgument) -> list[str]:
    return [*_described(argument.description, "    "), f"    {_input(name, argument)}"]


def _input(name: str, field: Any) -> str:
    default = getattr(field, "default_value", None)
    if default is None:
        return f"{name}: {field.type}"
    return f"{name}: {field.type} = {print_ast(ast_from_value(default, field.type))}"


def _described(description: str | None, indent: str) -> list[str]:
    """On a line of its own, or as a block where it is longer than that."""
    if not description:
        return []
    line = f'{indent}"""{description}"""'
    if len(line) <= LONGEST_LINE:
        return [line]
    options = {"initial_indent": indent, "subsequent_indent": indent}
    wrapped = textwrap.wrap(description, LONGEST_LINE, break_on_hyphens=False, **options)
    return [f'{indent}"""', *wrapped, f'{indent}"""']


def served() -> str:
    """As the sandbox serves it. Its apps have been loaded."""
    schema = import_module("sandbox.shop.graphql.schema").schema
    # Its classes could not be made before.
    from saleor_paylink.graphql.schema import MUTATION_FIELDS, ORDER_FIELDS, QUERY_FIELDS

    extended = {"Order": ORDER_FIELDS, "Query": QUERY_FIELDS, "Mutation": MUTATION_FIELDS}
    return printed(
        schema, {name: [to_camel_case(field) for field in of] for name, of in extended.items()}
    )


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "sandbox.shop.settings"
    django.setup()
    FILE.write_text(served())
