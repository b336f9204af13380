"""What a merchant may set for Stripe, and what it comes to."""

import pytest

from saleor_paylink.conf import ChannelSettings, SettingInvalid
from saleor_paylink.providers.registry import provider_classes
from saleor_paylink.providers.stripe import StripeProvider
from tests.unit.providers.helpers import KEY, SECRET, money, stripe


def names(provider, amount):
    return [method.name for method in provider.methods(amount)]


def test_the_registry_finds_it_by_its_name():
    assert provider_classes()["stripe"] is StripeProvider


def test_nothing_set_is_valid_and_not_configured():
    provider = StripeProvider(ChannelSettings("default-channel", True))
    provider.validate()
    assert (provider.configured, provider.livemode) == (False, False)


@pytest.mark.parametrize(
    ("key", "livemode"),
    [
        ("sk_test_51Habc", False),
        ("rk_test_51Habc", False),
        ("sk_live_51Habc", True),
        ("  rk_live_51Habc\n", True),
    ],
)
def test_a_secret_or_restricted_key_with_a_webhook_secret_configures(key, livemode):
    provider = stripe(key=key)
    provider.validate()
    assert (provider.configured, provider.livemode) == (True, livemode)


@pytest.mark.parametrize("key", ["pk_test_51Habc", "pk_live_51Habc"])
def test_a_publishable_key_is_refused_with_what_to_do(key):
    provider = stripe(key=key)
    with pytest.raises(SettingInvalid, match="This is the publishable key") as refusal:
        provider.validate()
    assert refusal.value.setting == "stripe-secret-key"
    assert provider.configured is False


@pytest.mark.parametrize(
    "key", ["sk_51Habc", "sk_test_ü", "sk_org_live_5", "sk_test_a b", "sk_test_ä", "whsec_x", "…"]
)
def test_a_malformed_key_is_refused_and_not_shown(key):
    provider = stripe(key=key)
    with pytest.raises(SettingInvalid, match="no Stripe secret key") as refusal:
        provider.validate()
    assert refusal.value.setting == "stripe-secret-key"
    assert key not in refusal.value.message
    assert provider.configured is False


@pytest.mark.parametrize("secret", ["", "  ", ",,"])
def test_a_key_without_a_webhook_secret_is_refused(secret):
    provider = stripe(webhook_secret=secret)
    with pytest.raises(SettingInvalid, match="Create a webhook endpoint") as refusal:
        provider.validate()
    assert refusal.value.setting == "stripe-webhook-secret"
    assert provider.configured is False


@pytest.mark.parametrize("secret", ["whsec_", "hush", KEY, f"{SECRET} other", "whsec_ä"])
def test_a_malformed_webhook_secret_is_refused_and_not_shown(secret):
    provider = stripe(webhook_secret=secret)
    with pytest.raises(SettingInvalid, match="begins with whsec_") as refusal:
        provider.validate()
    assert refusal.value.setting == "stripe-webhook-secret"
    assert secret not in refusal.value.message.replace("begins with whsec_", "")
    assert provider.configured is False


def test_several_webhook_secrets_are_taken_while_one_is_rolled():
    provider = stripe(webhook_secret=f"{SECRET}, whsec_new\nwhsec_newer")
    provider.validate()
    assert provider.configured is True


def test_a_webhook_secret_alone_is_valid_and_not_configured():
    provider = stripe(key="")
    provider.validate()
    assert provider.configured is False


def test_an_unknown_method_is_refused_by_its_name():
    provider = stripe(methods="card, crad")
    with pytest.raises(SettingInvalid, match="Unknown payment method: crad") as refusal:
        provider.validate()
    assert refusal.value.setting == "stripe-methods"
    assert provider.configured is False


@pytest.mark.parametrize("methods", ["", " , ", "card"])
def test_cards_are_offered_unless_said_otherwise(methods):
    (method,) = stripe(methods=methods).methods(money("1.00"))
    assert (method.id, method.provider, method.name) == ("stripe:card", "stripe", "Card")


def test_methods_keep_their_order_and_come_once():
    assert names(stripe(methods="ideal,card, ideal"), money("1.00")) == ["iDEAL", "Card"]


@pytest.mark.parametrize(
    ("currency", "expected"),
    [
        ("EUR", ["Card", "iDEAL", "Bancontact", "SEPA Direct Debit", "Przelewy24"]),
        ("PLN", ["Card", "Przelewy24", "BLIK"]),
        ("USD", ["Card"]),
    ],
)
def test_a_method_is_offered_where_it_takes_the_currency(currency, expected):
    provider = stripe(methods="card ideal bancontact sepa_debit p24 blik")
    assert names(provider, money("10.00", currency)) == expected


@pytest.mark.parametrize("amount", [money("0.125", "KWD"), money("0"), money("-1"), money("1.005")])
def test_no_method_takes_an_amount_that_cannot_be_charged(amount):
    assert stripe(methods="card ideal").methods(amount) == []


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("stripe:sepa_debit", "SEPA Direct Debit"),
        ("stripe:card", "Card"),
        ("stripe:pay_by_bank", "Pay by bank"),
    ],
)
def test_a_method_that_is_not_offered_has_a_name_all_the_same(method, name):
    assert stripe(methods="ideal").method_name(method) == name


def test_the_secrets_are_marked_as_such():
    secret = {field.name for field in StripeProvider.fields if field.secret}
    assert secret == {"stripe-secret-key", "stripe-webhook-secret"}


def test_neither_key_nor_secret_is_in_what_python_prints():
    provider = stripe()
    shown = f"{provider!r} {provider.settings!r} {provider._stripe!r}"
    assert KEY not in shown
    assert SECRET not in shown


def test_pages_lie_at_stripe(monkeypatch):
    monkeypatch.delenv("PAYLINK_STRIPE_API_BASE", raising=False)
    assert stripe().page_sources == ["https:"]


def test_pages_lie_at_the_simulator_where_there_is_one(monkeypatch):
    monkeypatch.setenv("PAYLINK_STRIPE_API_BASE", "http://127.0.0.1:8420/")
    assert stripe().page_sources == ["http://127.0.0.1:8420"]
