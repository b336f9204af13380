"""Sentences are told in the language of whoever reads them."""

from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from saleor_paylink.models import PaymentLink
from sandbox.shop.models import Order, User
from tests.attempts import money_in_question
from tests.unit.graphql.asking import Asking, global_id

SENTENCES = """query ($id: ID!) { order(id: $id) {
  paymentLink { events { message } } paymentCollection { exceptions { message } }
} }"""
GERMAN = {
    "The payment link expired.": "Der Zahlungslink ist abgelaufen.",
    "The order had been paid already.": "Die Bestellung war schon bezahlt.",
}


@pytest.fixture
def in_german(tmp_path: Path, settings: Any) -> None:
    """Somebody has translated two sentences."""
    catalog = Catalog(locale="de")
    for sentence, translated in GERMAN.items():
        catalog.add(sentence, translated)
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalog)
    settings.LOCALE_PATHS = [tmp_path]


def told(ask: Asking, order: Order, reader: User, language: str) -> tuple[str, str]:
    """The sentences of the order's one step and of its one exception."""
    answer: Any = ask.post(SENTENCES, reader, {"id": global_id(order)}, language).json()
    seen = answer["data"]["order"]
    (event,) = seen["paymentLink"]["events"]
    (exception,) = seen["paymentCollection"]["exceptions"]
    return event["message"], exception["message"]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("de", tuple(GERMAN.values())),
        ("fr;q=0.2, de-AT, en;q=0.5", tuple(GERMAN.values())),
        ("en", tuple(GERMAN)),
        ("nonsense", tuple(GERMAN)),
    ],
)
def test_what_happened_is_told_in_the_readers_language(
    in_german: None,
    ask: Asking,
    order: Order,
    link: PaymentLink,
    cashier: User,
    language: str,
    sentences: tuple[str, str],
) -> None:
    link.events.update(type="expired")
    money_in_question("pi_1", kind="duplicate", order_id=order.id)

    assert told(ask, order, cashier, language) == sentences
