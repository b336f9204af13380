"""POST /graphql/, answered as Saleor answers it."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from graphql import GraphQLError
from graphql.error import format_error

from sandbox.shop.auth import app_of, user_of
from sandbox.shop.graphql.access import PermissionDenied
from sandbox.shop.graphql.schema import schema
from sandbox.shop.models import App, User


@dataclass(frozen=True)
class Context:
    """What resolvers know of the request: who is asking, and what Django reads of it; and the
    loaders that they share."""

    user: User | None
    META: Mapping[str, Any]
    app: App | None = None
    loaders: dict[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


logger = logging.getLogger(__name__)

MAY_BE_TOLD = (GraphQLError, PermissionDenied, ValidationError)


def graphql(request: HttpRequest) -> HttpResponse:
    """Run the posted query with the rights of the token in the Authorization header."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        body = json.loads(request.body)
        query, variables = body["query"], body.get("variables")
        if not isinstance(query, str):
            raise TypeError(query)
    except (ValueError, TypeError, KeyError, AttributeError):
        return _answer({"errors": [_tell(GraphQLError("Unable to parse query."))]}, 400)
    user = user_of(request)
    app = None if user else app_of(request)
    context = Context(user, request.META, app, headers=request.headers)
    result = schema.execute(
        query,
        variable_values=variables,
        operation_name=body.get("operationName"),
        context_value=context,
    )
    answer: dict[str, Any] = {}
    if result.errors:
        answer["errors"] = [_tell(error) for error in result.errors]
    if result.invalid:
        return _answer(answer, 400)
    return _answer({**answer, "data": result.data}, 200)


def _answer(body: dict[str, Any], status: int) -> HttpResponse:
    return JsonResponse(body, status=status)


def _tell(error: Any) -> dict[str, Any]:
    """The error as clients read it: the cause by name, and no word of what is internal."""
    told: dict[str, Any] = (
        format_error(error) if isinstance(error, GraphQLError) else {"message": str(error)}
    )
    cause = error
    while isinstance(cause, GraphQLError) and hasattr(cause, "original_error"):
        cause = cause.original_error
    if not isinstance(cause, MAY_BE_TOLD):
        logger.error("A query failed unexpectedly", exc_info=cause)
        told["message"] = "Internal Server Error"
    told["extensions"] = {"exception": {"code": type(cause).__name__}}
    return told
