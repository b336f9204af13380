"""The types that are served are those of the contract."""

from pathlib import Path
from typing import Any

import pytest
from graphql import validate
from graphql.language.parser import parse
from graphql.utils.schema_printer import print_schema

from saleor_paylink import models
from saleor_paylink.graphql import enums, schema
from saleor_paylink.links.bearer import RequestStatus
from saleor_paylink.links.errors import LinkErrorCode
from saleor_paylink.links.reading import CollectionStatus, CollectionWarning, UnavailableReason
from sandbox.shop.graphql.schema import schema as served_schema
from tests.schema import FILE, served
from tests.unit.graphql.sdl import shapes

PUBLISHED = shapes(FILE.read_text())
SERVED = shapes(print_schema(served_schema))
OPERATIONS = sorted((FILE.parent / "operations").glob("*.graphql"))
CONTRACT = shapes((Path(__file__).parent / "contract.graphql").read_text())
EXTENDED = ("Order", "Query", "Mutation")
# The sandbox's own.
FOREIGN = {"PaymentChargeStatusEnum"}


def test_what_is_published_is_printed_from_what_is_served() -> None:
    # Where it is not: make schema
    assert FILE.read_text() == served()


def test_what_is_published_is_the_contract() -> None:
    assert PUBLISHED == CONTRACT


def test_every_field_that_is_mounted_is_published() -> None:
    mounted = len(schema.ORDER_FIELDS) + len(schema.QUERY_FIELDS) + len(schema.MUTATION_FIELDS)
    assert mounted == sum(len(PUBLISHED[name]) for name in EXTENDED)


def test_every_type_that_is_served_is_published() -> None:
    served = {name for name in SERVED if name.startswith("Payment")}
    assert served - FOREIGN == set(PUBLISHED) - set(EXTENDED)


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
def test_a_ready_made_operation_is_valid(path: Path) -> None:
    assert validate(served_schema, parse(path.read_text())) == []


def test_there_is_an_operation_for_every_field() -> None:
    documents = "\n".join(path.read_text() for path in OPERATIONS)
    fields = [field for name in EXTENDED for field in PUBLISHED[name]]
    assert [field for field in fields if f"{field}(" not in documents.replace(" {", "(")] == []


@pytest.mark.parametrize("name", CONTRACT)
def test_what_is_served_is_the_contract(name: str) -> None:
    if name in EXTENDED:
        assert {field: SERVED[name][field] for field in CONTRACT[name]} == CONTRACT[name]
    else:
        assert SERVED[name] == CONTRACT[name]


@pytest.mark.parametrize(
    ("domain", "enum"),
    [
        (CollectionStatus, enums.PaymentCollectionStatusEnum),
        (UnavailableReason, enums.PaymentCollectionReasonEnum),
        (CollectionWarning, enums.PaymentCollectionWarningEnum),
        (models.LinkStatus, enums.PaymentLinkStatusEnum),
        (models.AttemptStatus, enums.PaymentAttemptStatusEnum),
        (models.LinkEventType, enums.PaymentLinkEventTypeEnum),
        (models.ExceptionKind, enums.PaymentExceptionKindEnum),
        (models.ExceptionResolution, enums.PaymentExceptionResolutionEnum),
        (RequestStatus, enums.PaymentRequestStatusEnum),
        (LinkErrorCode, enums.PaymentLinkErrorCode),
    ],
)
def test_all_that_the_domain_says_can_be_told(domain: Any, enum: Any) -> None:
    told = {member.name: member.value for member in enum._meta.enum}
    assert {member.name: member.value for member in domain}.items() <= told.items()
