"""The domain's refusals as the `errors` of a mutation."""

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import graphene
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from graphql import GraphQLError

from saleor_paylink.failures import muted
from saleor_paylink.graphql.enums import PaymentLinkErrorCode
from saleor_paylink.graphql.host import kit
from saleor_paylink.links.errors import LinkError, LinkErrorCode

logger = logging.getLogger(__name__)

Error: Any = kit().error


class PaymentLinkError(Error):
    message = graphene.String(required=True, description="What to do about it, for people.")
    code = PaymentLinkErrorCode(required=True, description="The cause, for programs.")

    class Meta:
        description = "Why a mutation did nothing."


def error_of(refusal: LinkError, field: str | None) -> PaymentLinkError:
    """One entry of `errors`."""
    return PaymentLinkError(field=field, message=refusal.message, code=refusal.code.value)


def argument_of(refusal: LinkError, subject: str) -> str | None:
    """The argument at fault: `subject` where it is what the mutation is about, which the domain
    calls "id" or "orderId", whatever names it here."""
    return subject if refusal.field in ("id", "orderId") else refusal.field


def errors_in(error: ValidationError) -> list[PaymentLinkError]:
    """The entries of `errors` for what a host finds wrong with the fields that it looks at."""
    known = {code.value for code in LinkErrorCode}
    return [
        PaymentLinkError(
            field=field,
            message=each.messages[0],
            code=each.code if each.code in known else LinkErrorCode.INVALID.value,
        )
        for field, found in error.error_dict.items()
        for each in found
    ]


def faults_muted() -> AbstractContextManager[None]:
    """What a database refuses it repeats, addresses and all, and hosts log exceptions whole."""
    return muted(logger, "A mutation failed:", of=DatabaseError)


@contextmanager
def refusals_of_a_query() -> Iterator[None]:
    """Turn a LinkError into the top-level error that a query is answered with."""
    try:
        yield
    except LinkError as refusal:
        raise GraphQLError(refusal.message) from refusal


@contextmanager
def refusals_as_errors(subject: str) -> Iterator[None]:
    """Turn a LinkError into the ValidationError that the host makes `errors` of; `subject` as in
    `argument_of`."""
    try:
        with faults_muted():
            yield
    except LinkError as refusal:
        error = ValidationError(refusal.message, code=refusal.code.value)
        field = argument_of(refusal, subject)
        raise ValidationError({field: error} if field else error) from refusal
