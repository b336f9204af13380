"""By whom and from whom mails go out in a Saleor, and which mails Saleor sends itself."""

import os
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.sites.models import Site
from django.test import override_settings
from saleor.account.models import Address
from saleor.channel.models import Channel
from saleor.order.models import Order
from saleor.plugins.models import EmailTemplate, PluginConfiguration
from saleor.site.models import SiteSettings

from saleor_paylink.links.lifecycle import LinkTerms, create
from saleor_paylink.mail import outbox
from saleor_paylink.operating.findings import Level
from saleor_paylink.saleor import checks
from saleor_paylink.saleor import plugin as plugin_module
from saleor_paylink.shop import MailAccount, MailServer, current_shop
from sandbox.client.mails import Mails
from tests.saleor.client import Api
from tests.saleor.customer import pay
from tests.saleor.orders import completed, global_id

USER_EMAIL = "mirumee.notifications.user_email"
SENDGRID = "mirumee.notifications.sendgrid_email"
ACCOUNT = {
    "host": "smtp.shop.example",
    "port": "2525",
    "username": "clerk",
    "password": "secret of the account",
    "sender_name": "Mugs & Co",
    "sender_address": "mugs@shop.example",
    "use_tls": True,
    "use_ssl": False,
}


CONFIRMED_BY_SALEOR, RECEIPT = "payment details", "Receipt"


def account() -> MailAccount:
    return current_shop().mail_account("channel-eur")


def activate(identifier: str, values: dict[str, Any]) -> PluginConfiguration:
    row, _ = PluginConfiguration.objects.update_or_create(
        identifier=identifier,
        channel=Channel.objects.get(slug="channel-eur"),
        defaults={
            "name": identifier,
            "active": True,
            "configuration": [{"name": name, "value": value} for name, value in values.items()],
        },
    )
    return row


def activate_user_email() -> PluginConfiguration:
    """With the mailbox for its SMTP server."""
    mailbox = {"host": settings.EMAIL_HOST, "port": str(settings.EMAIL_PORT), "use_tls": False}
    return activate(USER_EMAIL, {**ACCOUNT, **mailbox, "username": "", "password": ""})


def mailed_of_payment(amount: str | None = None) -> list[str]:
    """Words of the subjects of the mails that confirm a payment to a customer who pays an order of
    30 euros, or so much of it, over its link."""
    order, email = completed("channel-eur"), f"{uuid4().hex}@example.com"
    Order.objects.filter(pk=order.pk).update(user_email=email)
    deposit = Decimal(amount) if amount else None
    pay(create(order.pk, LinkTerms(amount=deposit), None))
    mails = [mail for mail in Mails(os.environ["MAILBOX_URL"]).all() if mail["to"] == [email]]
    known = (CONFIRMED_BY_SALEOR, RECEIPT)
    return [words for mail in mails for words in known if words in mail["subject"]]


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    PluginConfiguration.objects.filter(identifier__in=[USER_EMAIL, SENDGRID]).delete()


def test_mails_go_by_djangos_server_where_saleors_plugin_is_off() -> None:
    activate(USER_EMAIL, ACCOUNT)
    PluginConfiguration.objects.filter(identifier=USER_EMAIL).update(active=False)

    assert account().server is None
    assert account().sender == "Stage shop <shop@example.com>"
    assert account().confirms_payment is False


def test_mails_go_by_the_account_of_saleors_plugin_in_its_channel() -> None:
    activate(USER_EMAIL, ACCOUNT)

    assert account().server == MailServer(
        "smtp.shop.example", 2525, "clerk", "secret of the account", use_tls=True, use_ssl=False
    )
    assert account().sender == "Mugs & Co <mugs@shop.example>"
    assert "secret of the account" not in repr(account())
    assert current_shop().mail_account("default-channel").server is None


def test_an_account_that_was_never_filled_in_is_none() -> None:
    activate(USER_EMAIL, {**ACCOUNT, "host": None})

    assert account().server is None
    assert account().confirms_payment is False


@override_settings(USER_EMAIL_HOST="smtp.environment.example", USER_EMAIL_PORT="25")
def test_the_environment_fills_in_what_the_plugin_was_not_given() -> None:
    activate(USER_EMAIL, {**ACCOUNT, "host": None, "port": None})

    assert account().server is not None
    assert account().server.host == "smtp.environment.example"
    assert account().server.port == 25


@override_settings(EMAIL_HOST="", EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend")
def test_the_plugins_account_is_a_mail_server_to_send_by() -> None:
    assert not outbox.is_configured("channel-eur")

    activate(USER_EMAIL, ACCOUNT)

    assert outbox.is_configured("channel-eur")
    assert not outbox.is_configured("default-channel")


@pytest.mark.parametrize(
    "wrong", [{"port": "smtp"}, {"sender_address": "żółw@shop.example"}, {"sender_name": "a\nb"}]
)
def test_an_account_that_cannot_be_used_is_told_by_the_check_and_stops_nothing_else(
    wrong: dict[str, str],
) -> None:
    activate(USER_EMAIL, {**ACCOUNT, **wrong})

    assert outbox.account_of("channel-eur") is None
    found = [(each.level, each.subject) for each in checks._mail(["channel-eur"])]
    assert found == [(Level.FAILURE, "mail in channel-eur")]


def test_each_account_is_checked_once() -> None:
    activate(USER_EMAIL, {**ACCOUNT, "host": "127.0.0.1", "port": "1"})

    found = {each.subject for each in checks._mail(["default-channel", "channel-eur"])}

    assert found == {"mail", "mail in channel-eur"}
    assert {each.subject for each in checks._mail(["default-channel", "channel-kwd"])} == {"mail"}


def test_saleors_plugin_confirms_payments_unless_its_template_is_empty() -> None:
    row = activate(USER_EMAIL, ACCOUNT)
    assert account().confirms_payment is True

    EmailTemplate.objects.create(
        plugin_configuration=row, name="order_payment_confirmation", value=""
    )

    assert account().confirms_payment is False


def test_a_payment_is_confirmed_once_by_saleor_where_its_plugin_does_so() -> None:
    activate_user_email()

    assert mailed_of_payment() == [CONFIRMED_BY_SALEOR]


def test_a_payment_is_confirmed_once_by_us_where_saleors_plugin_is_off() -> None:
    activate_user_email()
    PluginConfiguration.objects.filter(identifier=USER_EMAIL).update(active=False)

    assert mailed_of_payment() == [RECEIPT]


def test_a_payment_is_confirmed_once_by_us_where_saleors_template_is_empty() -> None:
    row = activate_user_email()
    EmailTemplate.objects.create(
        plugin_configuration=row, name="order_payment_confirmation", value=""
    )

    assert mailed_of_payment() == [RECEIPT]


def test_a_deposit_which_saleor_is_silent_about_is_confirmed_once_by_us() -> None:
    activate_user_email()

    assert mailed_of_payment("10") == [RECEIPT]


@pytest.mark.parametrize(("template", "confirms"), [("d-123", True), ("", False), (None, False)])
def test_sendgrid_confirms_payments_where_it_has_a_template(
    template: str | None, confirms: bool
) -> None:
    activate(SENDGRID, {"order_payment_confirmation_template_id": template})

    assert account().confirms_payment is confirms


def test_the_merchant_is_whom_the_site_says() -> None:
    site = SiteSettings.objects.get()
    before = site.company_address
    site.company_address = Address.objects.create(
        company_name="Mugs Ltd",
        street_address_1="1 Harbour Street",
        city="Dublin",
        postal_code="D02 X285",
        country="IE",
    )
    site.save()
    # Each process of Saleor keeps the site.
    Site.objects.clear_cache()
    try:
        lines = account().address
    finally:
        site.company_address = before
        site.save()
        Site.objects.clear_cache()

    assert lines == ("Mugs Ltd", "1 Harbour Street", "D02 X285 Dublin", "Ireland")


def test_what_staff_write_into_an_orders_private_metadata_stops_reminders() -> None:
    order = completed()
    before = current_shop().order(order.pk)
    assert before is not None
    assert before.reminders_stopped is False

    Order.objects.filter(pk=order.pk).update(private_metadata={"paylink.reminders": "off"})

    after = current_shop().order(order.pk)
    assert after is not None
    assert after.reminders_stopped is True


STOP = """mutation($id: ID!) {
    updatePrivateMetadata(id: $id, input: [{key: "paylink.reminders", value: "off"}]) {
        errors { field message code }
    }
}"""


def test_a_stop_is_heard_of_at_once(admin: Api) -> None:
    order = completed()
    link = create(order.pk, LinkTerms(send=True), None)
    link.refresh_from_db()
    assert link.next_reminder_at is not None

    admin.do(STOP, id=global_id(order))

    link.refresh_from_db()
    assert link.next_reminder_at is None


def test_what_we_tell_of_an_orders_metadata_is_no_news_to_ourselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reckoned: list[object] = []
    monkeypatch.setattr(plugin_module, "reckon", reckoned.append)
    order = completed()
    create(order.pk, LinkTerms(), None)

    assert Order.objects.get(pk=order.pk).metadata["paylink.link"] == "ACTIVE"
    assert reckoned == []
