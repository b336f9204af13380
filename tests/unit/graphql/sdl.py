"""Schemas as plain values that can be compared."""

import re
from typing import Any

from graphql.language import ast
from graphql.language.parser import parse
from graphql.language.printer import print_ast

# The parser is older than descriptions. No default value in these schemas is a string.
DESCRIPTION = re.compile(r'"""(?:.|\n)*?"""|"[^"\n]*"')
DEPRECATION = re.compile(r' @deprecated(\(reason: "(?:[^"\\]|\\.)*"\))?')


def shapes(sdl: str) -> dict[str, dict[str, Any]]:
    """By name of type: its fields with their types and arguments, or its values."""
    found: dict[str, dict[str, Any]] = {}
    for node in parse(DESCRIPTION.sub("", DEPRECATION.sub("", sdl))).definitions:
        if isinstance(node, ast.TypeExtensionDefinition):
            node = node.definition
        if isinstance(node, ast.EnumTypeDefinition):
            found[node.name.value] = {each.name.value: True for each in node.values}
        elif isinstance(node, ast.ObjectTypeDefinition):
            members = {f"implements {each.name.value}": True for each in node.interfaces}
            members |= {each.name.value: _field(each) for each in node.fields}
            found.setdefault(node.name.value, {}).update(members)
        elif isinstance(node, ast.InputObjectTypeDefinition):
            found[node.name.value] = {each.name.value: _input(each) for each in node.fields}
    return found


def _field(node: ast.FieldDefinition) -> tuple[str, dict[str, Any]]:
    return print_ast(node.type), {each.name.value: _input(each) for each in node.arguments}


def _input(node: ast.InputValueDefinition) -> tuple[str, str | None]:
    return print_ast(node.type), print_ast(node.default_value) if node.default_value else None
