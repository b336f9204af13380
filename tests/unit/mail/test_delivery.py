"""Mails on their way: over SMTP, where a mail server fails, and where a worker dies."""

import smtplib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend as Locmem
from django.test import override_settings

from saleor_paylink import tasks
from saleor_paylink.links import lifecycle, reminders, tokens
from saleor_paylink.links.history import event_sentence
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.links.terms import LinkTerms
from saleor_paylink.mail import server
from saleor_paylink.models import LinkEventType, MailDelivery, PaymentLink
from saleor_paylink.shop import Announcement, MailAccount, MailServer
from sandbox.client.mails import Mails
from sandbox.mailbox import Mailbox
from sandbox.shop.models import Order
from sandbox.shop.shop import SandboxShop
from tests.unit.links.helpers import CLERK, Customer
from tests.unit.mail.conftest import Time
from tests.unit.mail.helpers import deliveries, steps, subjects

SMTP = "django.core.mail.backends.smtp.EmailBackend"
BROKEN = f"{__name__}.Broken"


class Broken(Locmem):
    """A mail server that does what a test says."""

    error: BaseException | None = None
    takes_it = False

    def send_messages(self, messages: Any) -> int:
        if self.takes_it or self.error is None:
            super().send_messages(messages)
        if self.error is not None:
            raise self.error
        return len(messages)


class Killed(BaseException):
    """The worker's process ends."""


def raising(error: BaseException) -> Any:
    """Instead of a method that is to fail."""

    def fails(*_args: object) -> None:
        raise error

    return fails


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> type[Broken]:
    monkeypatch.setattr("saleor_paylink.mail.server.get_connection", lambda **_options: Broken())
    monkeypatch.setattr(Broken, "error", None)
    monkeypatch.setattr(Broken, "takes_it", False)
    return Broken


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=box.smtp_port):
        yield box
    box.close()


@pytest.fixture
def mailed(order: Order, time: Time) -> PaymentLink:
    return lifecycle.create(order.id, LinkTerms(send=True), CLERK)


def failures(link: PaymentLink) -> list[str]:
    """Why staff are told that mails have failed."""
    found = link.events.filter(type=LinkEventType.SEND_FAILED).order_by("id")
    return [event_sentence(each) for each in found]


def test_mails_arrive_over_smtp(
    order: Order, customer: Customer, time: Time, mailbox: Mailbox
) -> None:
    lifecycle.send(customer.link.pk, CLERK)
    time.pass_by(days=1)
    sweep()

    mails = Mails(mailbox.url)
    (request,), (reminder,) = mails.requests(str(order.number)), mails.reminders(str(order.number))
    for each in (request, reminder):
        url = tokens.pay_url(customer.link)
        assert (each["to"], each["from"]) == (
            ["customer@example.com"],
            "Sandbox shop <shop@example.com>",
        )
        assert url in each["text"]
        assert f'href="{url}"' in each["html"]
        assert each["headers"]["Content-Type"].startswith("multipart/alternative")
        assert not any(customer.token in header for header in each["headers"].values())
    headers = reminder["headers"]
    # A long header is folded on the wire.
    assert headers["List-Unsubscribe"].strip() == f"<{tokens.reminders_url(customer.link)}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "List-Unsubscribe" not in request["headers"]


def test_a_shop_with_a_mail_server_of_its_own_sends_by_that(mailbox: Mailbox) -> None:
    own = MailServer("127.0.0.1", mailbox.smtp_port)
    with override_settings(EMAIL_PORT=1):
        connection = server.connect(MailAccount("shop@example.com", server=own))
        message = mail.EmailMessage("Hello", "World", "shop@example.com", ["you@example.com"])
        assert connection.send_messages([message]) == 1

    (arrived,) = Mails(mailbox.url).all()
    assert (arrived["subject"], arrived["to"]) == ("Hello", ["you@example.com"])


def test_no_mail_server_is_waited_for_without_end() -> None:
    account = MailAccount("shop@example.com")
    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_TIMEOUT=None):
        assert server.connect(account).timeout == server.PATIENCE  # type: ignore[attr-defined]
    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_TIMEOUT=3):
        assert server.connect(account).timeout == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            smtplib.SMTPRecipientsRefused({"customer@example.com": (550, b"customer@example.com")}),
            "The mail server does not take mails to this address.",
        ),
        (smtplib.SMTPDataError(554, b"customer@example.com"), "The mail server refused the mail."),
    ],
)
def test_staff_are_told_why_a_mail_was_refused(
    link: PaymentLink, broken: type[Broken], error: Exception, reason: str
) -> None:
    broken.error = error
    lifecycle.send(link.pk, CLERK)

    assert failures(link) == [f"The mail with the payment link failed: {reason}"]
    assert "customer@example.com" not in str(list(link.events.values_list("data", flat=True)))
    assert deliveries() == [("request", "failed")]
    sweep()
    assert mail.outbox == []


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"customer@example.com": (450, b"Greylisted, come back")}),
        smtplib.SMTPSenderRefused(452, b"Too many mails for now", "shop@example.com"),
        smtplib.SMTPDataError(451, b"Try again later"),
    ],
)
def test_a_mail_that_is_refused_for_now_is_tried_again(
    mailed: PaymentLink, time: Time, broken: type[Broken], error: Exception
) -> None:
    time.pass_by(days=1)
    broken.error = error
    sweep()
    assert deliveries()[1:] == [("reminder", "queued")]

    broken.error = None
    time.pass_by(minutes=10)
    sweep()

    assert deliveries()[1:] == [("reminder", "sent")]
    assert failures(mailed) == []


def test_a_mail_that_was_taken_is_not_sent_again_because_the_farewell_failed(
    link: PaymentLink, time: Time, broken: type[Broken], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_connection: object) -> None:
        raise smtplib.SMTPResponseException(500, b"Line too long")

    monkeypatch.setattr(broken, "close", fails)
    lifecycle.send(link.pk, CLERK)
    time.pass_by(minutes=3)
    sweep()

    assert subjects() == ["Pay"]
    assert deliveries() == [("request", "sent")]


def test_a_corrected_address_is_used_for_one_mail(link: PaymentLink, broken: type[Broken]) -> None:
    broken.error = smtplib.SMTPRecipientsRefused({"customer@example.com": (550, b"")})
    lifecycle.send(link.pk, CLERK)
    broken.error = None

    lifecycle.send(link.pk, CLERK, email="right@example.com")
    lifecycle.send(link.pk, CLERK)

    assert [each.to for each in mail.outbox] == [["right@example.com"], ["customer@example.com"]]
    assert set(MailDelivery.objects.values_list("recipient", flat=True)) == {""}


def test_after_a_mail_that_failed_nobody_is_reminded(
    link: PaymentLink, time: Time, broken: type[Broken]
) -> None:
    lifecycle.send(link.pk, CLERK)
    time.pass_by(hours=1)
    broken.error = smtplib.SMTPRecipientsRefused({})
    lifecycle.send(link.pk, CLERK)
    broken.error = None

    assert reminders.next_of(PaymentLink.objects.get()) is None
    time.sweep_until(time.now + timedelta(days=4))
    assert subjects() == ["Pay"]


def test_once_a_mail_has_arrived_again_the_customer_is_reminded(
    link: PaymentLink, time: Time, broken: type[Broken]
) -> None:
    broken.error = smtplib.SMTPRecipientsRefused({})
    lifecycle.send(link.pk, CLERK)
    broken.error = None
    time.pass_by(hours=1)
    lifecycle.send(link.pk, CLERK)

    assert reminders.next_of(PaymentLink.objects.get()) == time.now + timedelta(days=1)


def test_a_link_whose_address_is_not_known_any_more_is_mailed_to_nobody(
    mailed: PaymentLink, time: Time
) -> None:
    """SECRET_KEY was changed, and the old one is not kept."""
    time.pass_by(days=1)
    with override_settings(SECRET_KEY="another"):
        sweep()
        lifecycle.send(mailed.pk, CLERK)

    assert subjects() == ["Pay"]
    assert deliveries()[1:] == [("request", "failed")]
    assert failures(mailed) == [
        "The mail with the payment link failed: The link's address is not known any more. "
        "Give it a new one."
    ]


def test_a_mail_server_that_is_down_for_an_hour_is_waited_for(
    mailed: PaymentLink, time: Time
) -> None:
    time.pass_by(days=1)
    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=1):
        sweep()
    assert deliveries()[1:] == [("reminder", "queued")]

    time.pass_by(hours=1)
    sweep()

    assert deliveries()[1:] == [("reminder", "sent")]
    assert subjects() == ["Pay", "Reminder"]


def kill(broken: type[Broken], time: Time, *, takes_it: bool) -> None:
    """The worker dies while it talks to the mail server, which `takes_it` or not."""
    broken.error, broken.takes_it = Killed(), takes_it
    with pytest.raises(Killed):
        sweep()
    broken.error = None
    time.pass_by(minutes=3)


@pytest.mark.parametrize("takes_it", [True, False])
def test_a_reminder_whose_worker_died_is_never_sent_twice(
    mailed: PaymentLink, time: Time, broken: type[Broken], takes_it: bool
) -> None:
    time.pass_by(days=1)
    kill(broken, time, takes_it=takes_it)

    sweep()
    time.sweep_until(time.now + timedelta(days=4))

    assert subjects() == ["Pay", *["Reminder"] * takes_it]
    assert deliveries()[1:] == [("reminder", "failed")]
    assert failures(mailed) == [
        "The mail with the payment link failed: It is not known whether it was sent."
    ]


@pytest.mark.parametrize(
    "error", [smtplib.SMTPServerDisconnected(), TimeoutError(), ConnectionResetError()]
)
def test_a_reminder_of_which_the_mail_server_says_nothing_is_never_sent_twice(
    mailed: PaymentLink, time: Time, broken: type[Broken], error: Exception
) -> None:
    time.pass_by(days=1)
    broken.error, broken.takes_it = error, True
    sweep()
    broken.error = None
    time.pass_by(minutes=3)
    sweep()

    assert subjects() == ["Pay", "Reminder"]
    assert deliveries()[1:] == [("reminder", "failed")]


def test_a_reminder_that_was_queued_and_not_begun_is_sent_by_the_sweeper(
    mailed: PaymentLink, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker died between the commit and the mail."""
    time.pass_by(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(tasks.deliver_mail, "delay", lambda mail_id: None)
        reminders.remind(mailed.pk)
    assert subjects() == ["Pay"]

    sweep()
    sweep()

    assert subjects() == ["Pay", "Reminder"]
    assert steps(mailed) == ["created", "sent", "reminded"]


def test_a_request_whose_worker_died_is_sent_again_as_the_same_mail(
    link: PaymentLink, time: Time, broken: type[Broken]
) -> None:
    broken.error, broken.takes_it = Killed(), True
    with pytest.raises(Killed):
        lifecycle.send(link.pk, CLERK)
    broken.error = None
    time.pass_by(minutes=3)
    sweep()

    ids = [str(each.message()["Message-ID"]) for each in mail.outbox]
    assert len(ids) == 2
    assert ids[0] == ids[1]


def test_a_worker_that_dies_over_the_history_loses_no_step(
    link: PaymentLink, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(SandboxShop, "add_note", raising(Killed()))
        with pytest.raises(Killed):
            lifecycle.send(link.pk, CLERK)
    assert deliveries() == [("request", "queued")]
    assert steps(link) == ["created"]
    time.pass_by(minutes=3)

    sweep()

    sent = link.events.get(type=LinkEventType.SENT)
    assert sent.announcement == Announcement.SENT
    assert deliveries() == [("request", "sent")]
    assert steps(link) == ["created", "sent"]


def test_a_mail_whose_history_cannot_be_written_is_not_sent_again(
    link: PaymentLink, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SandboxShop, "add_note", raising(ValueError()))

    lifecycle.send(link.pk, CLERK)
    time.pass_by(minutes=3)
    sweep()

    assert subjects() == ["Pay"]
    assert deliveries() == [("request", "sent")]
