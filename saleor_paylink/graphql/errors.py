"""The domain's refusals as the `errors` of a mutation."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import graphene
from django.core.exceptions import ValidationError

from saleor_paylink.graphql.enums import PaymentLinkErrorCode
from saleor_paylink.graphql.host import kit
from saleor_paylink.links.errors import LinkError

Error: Any = kit().error


class PaymentLinkError(Error):
    message = graphene.String(required=True, description="What to do about it, for people.")
    code = PaymentLinkErrorCode(required=True, description="The cause, for programs.")

    class Meta:
        description = "Why a mutation did nothing."


def error_of(refusal: LinkError) -> PaymentLinkError:
    """One entry of `errors`."""
    return PaymentLinkError(field=refusal.field, message=refusal.message, code=refusal.code.value)


@contextmanager
def refusals_as_errors() -> Iterator[None]:
    """Turn a LinkError into the ValidationError that the host makes `errors` of."""
    try:
        yield
    except LinkError as refusal:
        error = ValidationError(refusal.message, code=refusal.code.value)
        raise ValidationError({refusal.field: error} if refusal.field else error) from refusal
