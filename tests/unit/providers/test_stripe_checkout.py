"""The session that is asked for."""

import pytest

from saleor_paylink.money import AmountNotRepresentable
from saleor_paylink.providers.stripe.checkout import is_email, locale
from saleor_paylink.providers.stripe.methods import METHODS
from sandbox.stripe.parameters import LOCALES
from tests.unit.providers.helpers import (
    ATTEMPT,
    CHANNEL,
    EMAIL,
    NOW,
    SHOP,
    money,
    open_session,
    request,
    stripe,
)


def test_these_parameters_are_asked_for():
    metadata = {
        "saleor_paylink_attempt": ATTEMPT,
        "saleor_paylink_shop": SHOP,
        "saleor_paylink_channel_id": CHANNEL,
    }
    price = {
        "currency": "eur",
        "unit_amount": 1234,
        "product_data": {"name": "Clay & Co #7"},
    }
    assert stripe().prepare(request()) == {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "payment_method_types": ["card"],
        "client_reference_id": ATTEMPT,
        "metadata": metadata,
        "payment_intent_data": {
            "capture_method": "automatic",
            "description": "Clay & Co #7",
            "metadata": metadata,
        },
        "adaptive_pricing": {"enabled": "false"},
        "locale": "en",
        "submit_type": "pay",
        "success_url": "https://shop.example/return?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/pay/token/",
        "expires_at": NOW + 23 * 3600,
        "customer_email": EMAIL,
    }


def test_stripe_keeps_what_was_asked_for(provider, simulator):
    open_session(provider)
    (session,) = simulator.sessions()
    kept = {name: session[name] for name in ("amount_total", "currency", "customer_email")}
    assert kept == {"amount_total": 1234, "currency": "eur", "customer_email": EMAIL}
    assert session["success_url"].endswith("?session={CHECKOUT_SESSION_ID}")
    assert session["metadata"] == {
        "saleor_paylink_attempt": ATTEMPT,
        "saleor_paylink_shop": SHOP,
        "saleor_paylink_channel_id": CHANNEL,
    }
    assert session["client_reference_id"] == ATTEMPT
    assert session["expires_at"] == NOW + 23 * 3600


@pytest.mark.parametrize("kind", METHODS)
def test_each_method_opens_a_session_of_its_own_in_its_currency(provider, simulator, kind):
    currency = min(METHODS[kind].currencies or {"EUR"})
    amount = money("5000.00", currency)
    open_session(provider, method=f"stripe:{kind}", amount=amount)
    (session,) = simulator.sessions()
    assert session["payment_method_types"] == [kind]
    assert session["currency"] == currency.lower()


def test_an_amount_that_cannot_be_charged_is_not_asked_for():
    with pytest.raises(AmountNotRepresentable):
        stripe().prepare(request(amount=money("0.125", "KWD")))


@pytest.mark.parametrize("email", [None, "", "ada", "ada@localhost", "ada@customer.example "])
def test_an_address_that_is_none_is_left_out(email):
    assert "customer_email" not in stripe().prepare(request(customer_email=email))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ada.l+shop@mail.customer.example", True),
        ("o'hara@x-y.example", True),
        ("a..b@customer.example", False),
        (".a@customer.example", False),
        ("ada@-customer.example", False),
        ("ada@customer.e", False),
        ("ada@customer..example", False),
        ("adá@customer.example", False),
        ("ada@kööt.example", False),
        ("ada@@customer.example", False),
        ("ada@customer.example\n", False),
        (f"{'a' * 250}@customer.example", False),
    ],
)
def test_an_address_is_taken_only_where_stripe_is_sure_to_take_it(text, expected):
    assert is_email(text) is expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "en"),
        ("en-gb", "en-GB"),
        ("en-au", "en"),
        ("pl", "pl"),
        ("PT-br", "pt-BR"),
        ("pt_PT", "pt"),
        ("fr-ca", "fr-CA"),
        ("es", "es"),
        ("es-es", "es"),
        ("es-mx", "es-419"),
        ("es-419", "es-419"),
        ("nn", "nb"),
        ("zh-hans", "zh"),
        ("zh-hant", "zh-TW"),
        ("zh-hant-mo", "zh-TW"),
        ("zh-hant-hk", "zh-HK"),
        ("zh-tw", "zh-TW"),
        ("fil", "fil"),
        ("kl", "auto"),
        ("", "auto"),
    ],
)
def test_the_page_speaks_the_nearest_language(language, expected):
    assert locale(language) == expected
    assert expected in LOCALES


def test_a_long_description_is_cut_where_stripe_would_refuse_it(provider, simulator):
    open_session(provider, description="x" * 6000)
    assert len(simulator.sessions()) == 1
