"""Nothing private is logged: every logger is read, at every level, and what is printed too."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
import stripe
from django.db import connection
from django.test import Client

import sandbox.shop.graphql.schema  # noqa: F401 - the layer cannot be imported without a kit
from saleor_paylink import tasks
from saleor_paylink.links import altering, lifecycle
from saleor_paylink.models import MailDelivery, PaymentAttempt, PaymentLink, ProviderEvent
from sandbox.logbook import Logbook
from sandbox.mailbox.messages import Messages
from sandbox.mailbox.smtp import SmtpSink
from sandbox.shop.models import Channel, Order
from sandbox.stripe import Simulator
from sandbox.stripe.deliveries import signature
from tests.unit.links.helpers import CARD, CLERK, KEY, SECRET, Customer, webhooks
from tests.unit.web.visitor import FORM

ROOT = "/plugins/channel/shop/saleor.paylink"
DOOR = "/plugins/saleor.paylink.door"
HOOK = f"{DOOR}/webhooks/stripe/shop"
EMAIL = "customer@example.com"
ANOTHER_EMAIL = "corrected@example.com"
CARD_NUMBER = "4242424242424242"
# Where the visitor comes from, and the token of no link.
ADDRESS, NEVER_WAS = "192.0.2.77", "A" * 43
PRIVATE = (KEY, SECRET, EMAIL, ANOTHER_EMAIL, CARD_NUMBER, "last4", ADDRESS, NEVER_WAS)


class Watch:
    """What has been logged and printed, and what of it should not have been."""

    def __init__(self, logbook: Logbook, printed: Callable[[], str]) -> None:
        self._logbook = logbook
        self._printed = printed
        self.tokens: set[str] = set()

    @property
    def lines(self) -> list[str]:
        return self._logbook.lines

    def leaks(self) -> list[str]:
        """The lines that hold anything private."""
        private = (*PRIVATE, *self.tokens)
        lines = [*self.lines, *self._printed().splitlines()]
        return [line for line in lines if any(each in line for each in private)]


@pytest.fixture
def watch(
    customer: Customer,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Watch]:
    # Where this is set, its library prints as well.
    monkeypatch.setattr(stripe, "log", "debug")
    capfd.readouterr()
    logbook = Logbook()
    watch = Watch(logbook, lambda: "".join(capfd.readouterr()))
    watch.tokens.add(customer.token)
    yield watch
    logbook.close()


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False, REMOTE_ADDR=ADDRESS)


def click(client: Client, customer: Customer) -> int:
    fields = {"method": CARD, "revision": customer.page().revision, "seen": "25.00"}
    body = urlencode(fields)
    return client.post(f"{ROOT}/pay/{customer.token}/", body, content_type=FORM).status_code


def ask(client: Client, query: str, **variables: Any) -> Any:
    body = {"query": query, "variables": variables}
    return client.post("/graphql/", body, "application/json").json()


PAY = """mutation ($token: String!, $revision: String!) {
  paymentRequestPay(token: $token, method: "stripe:card", revision: $revision) {
    redirectUrl errors { code }
  }
}"""
RENEW = "mutation ($token: String!) { paymentRequestRenew(token: $token) { ok errors { code } } }"
REQUEST = (
    "query ($token: String!) { paymentRequest(token: $token) { status amountDue { amount } } }"
)


def deliver(client: Client, simulator: Simulator) -> None:
    for headers, body in webhooks(simulator):
        answer = client.post(HOOK, body, "application/json", headers=headers)
        assert answer.status_code == 200


def test_a_whole_life_logs_nothing_private(
    client: Client, watch: Watch, customer: Customer, simulator: Simulator, order: Order
) -> None:
    lifecycle.send(customer.link.pk, CLERK)
    lifecycle.send(customer.link.pk, CLERK, email=ANOTHER_EMAIL)
    page = f"{ROOT}/pay/{customer.token}/"
    assert client.get(page).status_code == client.head(page).status_code == 200
    assert ask(client, REQUEST, token=customer.token)["data"]["paymentRequest"]
    assert click(client, customer) == 303
    assert ask(client, PAY, token=customer.token, revision=customer.page().revision)["data"]
    (session,) = simulator.sessions()
    simulator.decline(session["id"])
    deliver(client, simulator)
    assert client.get(page).status_code == 200
    simulator.pay(session["id"])
    back = f"{page}return?attempt={PaymentAttempt.objects.get().id}"
    assert client.get(back).status_code == 303
    deliver(client, simulator)
    assert client.get(page).status_code == 200
    intent = simulator.session(session["id"])[0]["payment_intent"]
    simulator.refund(intent, 1000)
    deliver(client, simulator)
    tasks.sweep.delay()

    assert MailDelivery.objects.filter(status="sent").count() == 3
    assert Order.objects.get(id=order.id).status == "unfulfilled"
    assert len(watch.lines) > 20
    assert watch.leaks() == []


def test_altering_a_link_logs_nothing_private(
    client: Client, watch: Watch, customer: Customer, simulator: Simulator
) -> None:
    assert click(client, customer) == 303
    customer.link = altering.rotate(customer.link.pk, CLERK)
    watch.tokens.add(customer.token)
    assert click(client, customer) == 303
    customer.link = altering.extend(customer.link.pk, None, CLERK)
    PaymentLink.objects.update(status="expired")
    ask(client, RENEW, token=customer.token)
    assert client.post(f"{ROOT}/pay/{customer.token}/renew").status_code == 200
    for link in PaymentLink.objects.all():
        watch.tokens.add(Customer(link).token)
    altering.revoke(PaymentLink.objects.latest("created_at").pk, CLERK)

    assert len(watch.tokens) == 3
    assert watch.leaks() == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "OPTIONS"])
def test_what_is_refused_logs_nothing_private(
    client: Client, watch: Watch, customer: Customer, method: str
) -> None:
    Channel.objects.create(slug="other", currency="USD", plugin_active=True)
    Channel.objects.create(slug="off", currency="USD", plugin_active=False)
    for token in (customer.token, NEVER_WAS):
        for path in (
            f"{ROOT}/pay/{token}/",
            f"{ROOT}/pay/{token}",
            f"{ROOT}/pay/{token}/return",
            f"{ROOT}/pay/{token}/return?attempt={EMAIL}",
            f"{ROOT}/pay/{token}/renew",
            f"{ROOT}/pay/{token}/{EMAIL}",
            f"{ROOT}/pay//{token}/",
            f"{ROOT}/{token}",
            f"{DOOR}/webhooks/stripe/{token}",
            f"{DOOR}/webhooks/{token}/shop",
            f"{DOOR}/webhooks/{token}",
            f"{ROOT}/assets/{token}",
            f"/plugins/channel/other/saleor.paylink/pay/{token}/",
            f"/plugins/channel/off/saleor.paylink/pay/{token}/",
            f"/plugins/channel/nowhere/saleor.paylink/pay/{token}/",
        ):
            for kind, body in (
                (FORM, f"a={EMAIL}&a=1"),
                ("text/plain", EMAIL),
                (FORM, "x" * 3_000_000),
            ):
                client.generic(method, path, body, kind)
    for _click in range(21):
        client.generic(method, f"{ROOT}/pay/{customer.token}/", "", FORM)

    assert watch.leaks() == []


def test_what_a_storefront_is_refused_logs_nothing_private(
    client: Client, watch: Watch, customer: Customer
) -> None:
    for token in (customer.token, NEVER_WAS):
        for _click in range(22):
            ask(client, PAY, token=token, revision="stale")
            ask(client, RENEW, token=token)
        ask(client, PAY.replace("$token", f'"{token}"', 2))
        ask(client, PAY.replace("$token", f'"{token}', 2))

    assert watch.leaks() == []


def test_a_bad_webhook_logs_nothing_private(client: Client, watch: Watch) -> None:
    body = json.dumps({"email": EMAIL, "card": CARD_NUMBER, "key": KEY}).encode()
    now = int(time.time())
    for given in (
        {},
        {"Stripe-Signature": KEY},
        {"Stripe-Signature": signature(body, "whsec_wrong", now)},
        {"Stripe-Signature": signature(body, SECRET, now - 1000)},
        {"Stripe-Signature": signature(body, SECRET, now)},
    ):
        assert client.post(HOOK, body, "application/json", headers=given).status_code == 400

    assert any("is not signed as it must" in line for line in watch.lines)
    assert watch.leaks() == []


@pytest.mark.parametrize(
    "kind", ["timeout_before", "error_500", "rate_limit_429", "conflict_409", "card_error_402"]
)
def test_a_provider_that_fails_logs_nothing_private(
    client: Client, watch: Watch, customer: Customer, simulator: Simulator, kind: str
) -> None:
    simulator.add_fault("POST", "/v1/checkout/sessions", kind, times=20)

    assert click(client, customer) == 503
    ask(client, PAY, token=customer.token, revision=customer.page().revision)
    tasks.sweep.delay()

    assert any("/v1/checkout/sessions" in line for line in watch.lines)
    assert watch.leaks() == []


def test_a_provider_that_is_not_there_logs_nothing_private(
    client: Client, watch: Watch, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody listens on the discard port.
    monkeypatch.setenv("PAYLINK_STRIPE_API_BASE", "http://127.0.0.1:9")

    assert click(client, customer) == 503
    tasks.sweep.delay()

    assert any("APIConnectionError" in line for line in watch.lines)
    assert watch.leaks() == []


class Refusing(SmtpSink):
    """A mail server that knows nobody, and says whom."""

    async def handle_RCPT(
        self, _server: Any, _session: Any, _envelope: Any, address: str, _options: Any
    ) -> str:
        return f"550 5.1.1 <{address}>: there is no such mailbox here"


@contextmanager
def mail_server(settings: Any, port: int) -> Iterator[None]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield


def test_a_mail_that_is_refused_logs_nothing_private(
    watch: Watch, customer: Customer, settings: Any
) -> None:
    server = Refusing(Messages())
    with mail_server(settings, server.port):
        lifecycle.send(customer.link.pk, CLERK)
        lifecycle.send(customer.link.pk, CLERK, email=ANOTHER_EMAIL)
    server.close()

    assert MailDelivery.objects.filter(status="failed").count() == 2
    assert any("SMTPRecipientsRefused" in line for line in watch.lines)
    assert watch.leaks() == []


def test_a_mail_server_that_is_down_logs_nothing_private(
    watch: Watch, customer: Customer, settings: Any
) -> None:
    with mail_server(settings, 9):
        lifecycle.send(customer.link.pk, CLERK)
        tasks.sweep.delay()

    assert any("ConnectionRefusedError" in line for line in watch.lines)
    assert watch.leaks() == []


@contextmanager
def refused_by_the_database(table: str) -> Iterator[None]:
    """No row can be written to a table meanwhile; Postgres says which row it was."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT broken CHECK (false) NOT VALID")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT broken")


def test_a_row_that_the_database_refuses_is_not_logged(
    client: Client, watch: Watch, customer: Customer
) -> None:
    with refused_by_the_database("saleor_paylink_paymentattempt"):
        assert click(client, customer) == 500
        revision = customer.page().revision
        assert ask(client, PAY, token=customer.token, revision=revision)["errors"]

    failures = [line for line in watch.lines if "IntegrityError" in line]
    assert [line.partition(" ")[2].partition(":")[0] for line in failures] == [
        "saleor_paylink.web.serve",
        "saleor_paylink.graphql.errors",
    ]
    assert watch.leaks() == []


def test_a_row_that_the_database_refuses_to_a_task_is_not_logged(
    watch: Watch, customer: Customer
) -> None:
    lifecycle.send(customer.link.pk, CLERK)
    MailDelivery.objects.update(status="queued", leased_until=None, recipient=ANOTHER_EMAIL)

    with refused_by_the_database("saleor_paylink_maildelivery"):
        tasks.deliver_mail.delay(MailDelivery.objects.get().pk)
        tasks.sweep.delay()

    assert any("IntegrityError" in line for line in watch.lines)
    assert any("celery.app.trace" in line for line in watch.lines)
    assert watch.leaks() == []


def test_a_crash_is_logged_without_what_it_says(
    client: Client, watch: Watch, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_args: object) -> None:
        raise RuntimeError(f"{customer.token} {EMAIL} {KEY}")

    monkeypatch.setattr("saleor_paylink.web.views.payment_request", crash)
    monkeypatch.setattr("saleor_paylink.links.webhooks.settle", crash)
    event = ProviderEvent.objects.create(
        provider="stripe", channel="shop", event_id="evt_1", type="checkout.session.completed"
    )

    assert client.get(f"{ROOT}/pay/{customer.token}/").status_code == 500
    tasks.process_event.delay(event.pk)

    assert any("RuntimeError" in line for line in watch.lines)
    assert watch.leaks() == []


def test_the_watch_sees_what_is_logged_and_printed(watch: Watch, customer: Customer) -> None:
    logger = logging.getLogger("tests.somewhere")
    logger.debug("Said: %s", customer.token)
    logger.info("Said.", extra={"request": EMAIL})
    try:
        raise RuntimeError(SECRET)
    except RuntimeError:
        logger.exception("Said.")
    print(KEY)  # noqa: T201

    assert len(watch.leaks()) == 4
