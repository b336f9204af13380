"""The secret in a link's URL."""

import base64
import re
import uuid

import pytest
from django.core import serializers

from saleor_paylink.links.errors import LinkError
from saleor_paylink.links.tokens import derive, digest, find_link
from saleor_paylink.models import PaymentAttempt, PaymentLink
from sandbox.stripe import Simulator
from tests.unit.links.helpers import Customer

ID = uuid.UUID(int=1)


def test_a_token_has_256_bits_that_all_depend_on_the_secret_key() -> None:
    seed = uuid.UUID(int=2)
    tokens = {derive(ID, seed, f"secret {n}") for n in range(1000)}

    assert len(tokens) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)
    numbers = [int.from_bytes(base64.urlsafe_b64decode(f"{each}=")) for each in tokens]
    for bit in range(256):
        # Nine standard deviations of a fair coin.
        assert 350 < sum(number >> bit & 1 for number in numbers) < 650


def test_another_link_or_another_seed_has_another_token() -> None:
    seed = uuid.UUID(int=2)

    assert (
        len({derive(ID, seed), derive(uuid.UUID(int=3), seed), derive(ID, uuid.UUID(int=3))}) == 3
    )


def rows() -> str:
    """Links and attempts as they are stored."""
    stored = [*PaymentLink.objects.all(), *PaymentAttempt.objects.all()]
    return str(serializers.serialize("json", stored))


def test_the_token_is_in_no_row_of_the_database(customer: Customer) -> None:
    customer.begin()

    assert digest(customer.token) in rows()
    assert customer.token not in rows()


def test_a_refusal_of_the_provider_leaves_the_token_in_no_row(
    customer: Customer, simulator: Simulator
) -> None:
    simulator.add_fault("POST", "/v1/checkout/sessions", "card_error_402")

    with pytest.raises(LinkError):
        customer.begin()

    assert PaymentAttempt.objects.get().status == "failed"
    assert customer.token not in rows()
    assert "customer@example.com" not in rows()


def test_a_link_is_found_by_its_token_to_the_letter(customer: Customer) -> None:
    token = customer.token
    assert find_link(token) == customer.link

    for n, letter in enumerate(token):
        other = "B" if letter == "A" else "A"
        assert find_link(f"{token[:n]}{other}{token[n + 1 :]}") is None


@pytest.mark.parametrize("sent", ["{}=", "{}\n", " {}", "{}A", "{}/", "\x00{}", ""])
def test_what_is_not_quite_the_token_finds_nothing(customer: Customer, sent: str) -> None:
    assert find_link(sent.format(customer.token)) is None


def test_what_the_database_holds_is_no_token(customer: Customer) -> None:
    assert find_link(customer.link.token_digest) is None
