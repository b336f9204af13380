"""What the mails say, and how they are made to arrive."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import override_settings

from saleor_paylink import tasks
from saleor_paylink.links import altering, lifecycle, tokens
from saleor_paylink.links.settlement import settle
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.links.terms import LinkTerms
from saleor_paylink.models import MailDelivery, PaymentAttempt, PaymentLink
from saleor_paylink.overriding import VARIABLE
from sandbox.shop.models import Channel, Order
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, SLOW, Customer, deliver_all
from tests.unit.mail.conftest import Time
from tests.unit.mail.helpers import html_of, last, set_value, subjects


def paid(customer: Customer, simulator: Simulator) -> str:
    """The customer pays; the reference of the payment."""
    session = customer.session()
    simulator.pay(session)
    settle(PaymentAttempt.objects.get(provider_reference=session).id)
    return str(simulator.session(session)[0]["payment_intent"])


def failed_later(customer: Customer, simulator: Simulator) -> PaymentAttempt:
    """The customer pays by a method that takes days, and the money never comes."""
    session = customer.session(SLOW)
    simulator.pay_later(session)
    deliver_all(simulator)
    attempt = PaymentAttempt.objects.get(provider_reference=session)
    assert attempt.status == "processing"
    simulator.complete_later(session, "failed")
    deliver_all(simulator)
    return attempt


def sent(link: PaymentLink) -> EmailMultiAlternatives:
    lifecycle.send(link.pk, CLERK)
    return last()


class Tags(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


KINDS: dict[str, Callable[[Customer, Simulator], object]] = {
    "Pay": lambda customer, simulator: lifecycle.send(customer.link.pk, CLERK),
    "Receipt": paid,
    "Your": failed_later,
}


@pytest.fixture(params=KINDS)
def message(
    request: pytest.FixtureRequest, customer: Customer, simulator: Simulator
) -> EmailMultiAlternatives:
    KINDS[request.param](customer, simulator)
    assert subjects() == [request.param]
    return last()


def test_a_mail_shows_its_link_in_both_parts(
    message: EmailMultiAlternatives, customer: Customer
) -> None:
    url = tokens.pay_url(customer.link)

    assert url in message.body
    assert html_of(message).count(f'href="{url}"') >= 1
    assert f">{url}</a>" in html_of(message)


def test_the_token_stands_in_no_header(message: EmailMultiAlternatives, customer: Customer) -> None:
    head = message.message().as_bytes().split(b"\n\n")[0]

    assert customer.token.encode() not in head


def test_a_mail_needs_nothing_from_elsewhere_to_be_read(message: EmailMultiAlternatives) -> None:
    tags = Tags(html_of(message)).found

    assert {tag for tag, _ in tags}.isdisjoint({"script", "img", "link", "style", "form", "iframe"})
    assert not [attrs for _, attrs in tags if "src" in attrs or "class" in attrs]
    assert "url(" not in html_of(message)


def test_a_mail_says_in_which_language_it_is_and_that_a_machine_wrote_it(
    message: EmailMultiAlternatives,
) -> None:
    written = message.message()

    assert written["Content-Language"] == "en"
    assert written["Auto-Submitted"] == "auto-generated"
    assert '<html lang="en" dir="ltr">' in html_of(message)


def test_only_reminders_can_be_unsubscribed_from(message: EmailMultiAlternatives) -> None:
    assert "List-Unsubscribe" not in message.message()
    assert "List-Unsubscribe-Post" not in message.message()


def test_an_answer_goes_to_the_shop(message: EmailMultiAlternatives) -> None:
    assert message.message()["Reply-To"] == "Sandbox shop <shop@example.com>"


def test_an_answer_goes_to_support_where_there_is_one(link: PaymentLink, channel: Channel) -> None:
    set_value(channel, support_email="help@shop.example")

    written = sent(link)

    assert written.reply_to == ["help@shop.example"]
    assert "help@shop.example" in written.body
    assert 'href="mailto:help@shop.example"' in html_of(written)


def test_a_mail_bears_the_shops_colour(link: PaymentLink, channel: Channel) -> None:
    set_value(channel, brand_colour="#7c3aed")

    assert "background:#7c3aed;color:#ffffff" in html_of(sent(link))


def test_a_request_says_what_is_to_be_paid_for_what(link: PaymentLink, order: Order) -> None:
    written = sent(link)

    assert written.subject == f"Pay $25.00 for order #{order.number} at Sandbox shop"
    assert "2 x Mug (Blue): $25.00" in written.body
    assert "Total: $25.00" in written.body
    assert "Sandbox Ltd, 1 Harbour Street, D02 X285 Dublin, Ireland" in written.body


def test_what_staff_write_is_text_in_the_html_part(link: PaymentLink) -> None:
    lifecycle.send(link.pk, CLERK, message="<b>5 > 4</b>\nBye")

    assert "&lt;b&gt;5 &gt; 4&lt;/b&gt;<br>Bye" in html_of(last())
    assert "<b>5 > 4</b>\nBye" in last().body


def test_a_deposit_is_told_from_the_total(order: Order) -> None:
    lifecycle.create(order.id, LinkTerms(amount=10, send=True), CLERK)  # type: ignore[arg-type]

    assert "Total: $25.00\nTo pay now: $10.00\n" in last().body


def test_after_a_rotation_the_mail_says_that_the_address_is_new(link: PaymentLink) -> None:
    sent(link)
    altering.rotate(link.pk, CLERK)

    written = sent(PaymentLink.objects.get(pk=link.pk))

    assert subjects() == ["Pay", "New"]
    assert "the one that you were sent before does not work any more" in written.body
    assert "the one that you were sent before does not work any more" in html_of(written)


def test_the_mail_after_that_says_nothing_of_it(link: PaymentLink) -> None:
    sent(link)
    altering.rotate(link.pk, CLERK)
    sent(link)

    assert "sent before" not in sent(link).body
    assert subjects() == ["Pay", "New", "Pay"]


def test_a_rotation_before_the_first_mail_replaces_nothing(link: PaymentLink) -> None:
    altering.rotate(link.pk, CLERK)

    assert "sent before" not in sent(link).body


def test_rotating_sends_nothing_by_itself(link: PaymentLink) -> None:
    """The address on file may be the very reason for it."""
    sent(link)
    altering.rotate(link.pk, CLERK)

    assert subjects() == ["Pay"]


def test_a_link_in_place_of_one_that_was_revoked_is_new(link: PaymentLink, order: Order) -> None:
    sent(link)
    altering.revoke(link.pk, CLERK)

    lifecycle.create(order.id, LinkTerms(send=True), CLERK)

    assert subjects() == ["Pay", "New"]


def test_a_receipt_says_what_was_paid_how_and_to_whom(
    customer: Customer, order: Order, simulator: Simulator
) -> None:
    reference = paid(customer, simulator)

    text = last().body
    assert last().subject == f"Receipt {order.number}-1 for order #{order.number} at Sandbox shop"
    assert f"Receipt: {order.number}-1\nAmount: $25.00\nPayment method: Card\nDate: " in text
    assert f"Reference: {reference}\n" in text
    assert "Total: $25.00\nPaid so far: $25.00\n" in text
    assert "Sandbox Ltd" in text


def test_a_payment_that_fails_days_later_is_told_of_once(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    attempt = failed_later(customer, simulator)
    settle(attempt.id)
    sweep()

    assert subjects() == ["Your"]
    assert (
        last().subject == f"Your payment for order #{order.number} at Sandbox shop did not succeed"
    )
    assert "Your payment of $25.00 by " in last().body
    assert last().to == ["customer@example.com"]


def test_a_failure_is_told_of_also_where_nothing_was_heard_of_the_payment_before(
    customer: Customer, simulator: Simulator
) -> None:
    session = customer.session(SLOW)
    simulator.pay_later(session)
    simulator.complete_later(session, "failed")
    settle(PaymentAttempt.objects.get(provider_reference=session).id)

    assert subjects() == ["Your"]


def test_a_card_that_is_declined_is_not_mailed_about(
    customer: Customer, simulator: Simulator
) -> None:
    session = customer.session()
    simulator.decline(session)
    deliver_all(simulator)

    assert not MailDelivery.objects.exists()
    assert mail.outbox == []


def test_a_failure_is_not_told_of_what_was_paid_meanwhile(
    customer: Customer, simulator: Simulator, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.deliver_mail, "delay", lambda mail_id: None)
    failed_later(customer, simulator)
    lifecycle.mark_paid(order.id, CLERK)

    sweep()

    assert mail.outbox == []
    assert MailDelivery.objects.get().status == "withdrawn"


def test_a_shops_template_takes_the_place_of_ours(
    link: PaymentLink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mails"
    folder.mkdir()
    (folder / "layout.html").write_text(
        "<html><body>Mugs &amp; Co {% block content %}{% endblock %}</body></html>"
    )
    (folder / "footer.txt").write_text("Mugs & Co, {{ shop_name }}")
    monkeypatch.setenv(VARIABLE, str(tmp_path))

    written = sent(link)

    assert html_of(written).startswith("<html><body>Mugs &amp; Co")
    assert "asks you to pay <strong>$25.00</strong>" in html_of(written)
    assert written.body.endswith("Mugs & Co, Sandbox shop")


def test_a_template_that_cannot_be_used_keeps_the_link_from_nothing(
    link: PaymentLink, customer: Customer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "request.txt").write_text("{% nonsense %}")
    monkeypatch.setenv(VARIABLE, str(tmp_path))

    lifecycle.send(link.pk, CLERK)

    assert mail.outbox == []
    assert MailDelivery.objects.get().error == "TemplateSyntaxError"
    assert customer.begin()


def test_one_mail_has_one_message_id_however_often_it_is_sent(link: PaymentLink) -> None:
    sent(link)
    MailDelivery.objects.update(status="queued", leased_until=None)
    sweep()
    sent(link)

    ids = [str(each.message()["Message-ID"]) for each in mail.outbox]
    assert ids[0] == ids[1] != ids[2]
    assert re.fullmatch(r"<paylink\.[0-9]+\.[0-9a-f]{32}@127\.0\.0\.1>", ids[0])


@override_settings(LANGUAGE_CODE="de")
def test_a_mail_is_in_the_orders_language(link: PaymentLink, order: Order) -> None:
    order.language = "de"
    order.save()

    # There is no catalogue yet: the amounts are the language's, and the words say theirs.
    assert "25,00 $" in sent(link).subject.replace("\xa0", " ")


def test_a_reminder_can_be_unsubscribed_from_with_one_click(
    order: Order, customer: Customer, time: Time
) -> None:
    lifecycle.send(customer.link.pk, CLERK)
    time.pass_by(days=1)
    sweep()

    written = last().message()
    url = tokens.reminders_url(customer.link)
    assert subjects() == ["Pay", "Reminder"]
    assert written["List-Unsubscribe"] == f"<{url}>"
    assert written["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert customer.token not in url
    assert url in last().body
    assert f'href="{url}"' in html_of(last())
