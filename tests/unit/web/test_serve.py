"""The door: paths, methods, bodies, and what is never logged."""

from datetime import timedelta

import pytest
from django.core import mail
from django.http import Http404
from django.test import Client
from django.utils import timezone

from saleor_paylink.links.limits import TooManyTries
from saleor_paylink.models import PaymentAttempt, PaymentLink
from saleor_paylink.web.served import SCRIPT
from sandbox.shop.models import Channel
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CARD, Customer, asked_of
from tests.unit.web.visitor import FORM, Visitor, text

UNKNOWN = f"pay/{'A' * 43}/"


# ---------------------------------------------------------------- the neutral page


@pytest.mark.parametrize(
    "path",
    [
        "",
        "nonsense",
        "pay/",
        "pay/short/",
        f"pay/{'A' * 43}",
        f"pay/{'A' * 43}\n/",
        f"pay/{'A' * 44}/",
        f"pay/{'ü' * 43}/",
        "pay/\x00/",
        "pay/<script>/",
        f"pay/{'A' * 43}/return",
        f"pay/{'A' * 43}/return/",
        f"pay/{'A' * 43}/renew/",
        f"pay/{'A' * 43}/nonsense",
        "webhooks/",
        "webhooks/stripe",
        "assets/",
        "assets/pages.css",
        "assets/../views.py",
    ],
)
def test_whatever_is_not_there_gets_one_and_the_same_answer(visitor: Visitor, path: str) -> None:
    unknown, answer = visitor.get(UNKNOWN), visitor.get(path)

    assert answer.status_code == 404
    assert answer.content == unknown.content
    assert dict(answer.headers) == dict(unknown.headers)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_link_is_not_there_in_another_channel(
    visitor: Visitor, page: str, customer: Customer, method: str
) -> None:
    Channel.objects.create(slug="other", currency="USD", plugin_active=True)
    stranger = Visitor("other")

    for path in (page, f"{page}return"):
        answer = stranger.ask(method, path, content_type=FORM)
        unknown = stranger.ask(method, path.replace(customer.token, "A" * 43), content_type=FORM)
        assert answer.content == unknown.content
        assert answer.status_code == unknown.status_code
    assert not PaymentAttempt.objects.exists()


def test_a_link_that_was_replaced_is_not_there(
    visitor: Visitor, page: str, link: PaymentLink
) -> None:
    PaymentLink.objects.filter(pk=link.pk).update(token_digest="0" * 64)

    for path in (page, f"{page}return"):
        assert visitor.get(path).content == visitor.get(UNKNOWN).content


def test_a_revoked_link_is_not_there(visitor: Visitor, page: str, link: PaymentLink) -> None:
    PaymentLink.objects.filter(pk=link.pk).update(status="revoked")

    for path in (page, f"{page}return"):
        assert visitor.get(path).content == visitor.get(UNKNOWN).content
        assert visitor.get(path).status_code == 404


# ---------------------------------------------------------------- methods


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (UNKNOWN, "GET, HEAD, POST"),
        (f"{UNKNOWN}return", "GET, HEAD"),
        (f"{UNKNOWN}renew", "POST"),
        (f"{UNKNOWN}seen", "POST"),
        (f"assets/{SCRIPT.name}", "GET, HEAD"),
    ],
)
def test_other_methods_are_refused(visitor: Visitor, method: str, path: str, allowed: str) -> None:
    answer = visitor.ask(method, path)

    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{UNKNOWN}return"),
        ("GET", f"{UNKNOWN}renew"),
        ("HEAD", f"{UNKNOWN}renew"),
        ("GET", f"{UNKNOWN}seen"),
        ("HEAD", f"{UNKNOWN}seen"),
    ],
)
def test_each_path_has_its_own_methods(visitor: Visitor, method: str, path: str) -> None:
    assert visitor.ask(method, path).status_code == 405


# ---------------------------------------------------------------- paying


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_at_the_page_has_no_effect(
    visitor: Visitor, page: str, link: PaymentLink, simulator: Simulator, method: str
) -> None:
    for _visit in range(3):
        assert visitor.ask(method, page).status_code == 200

    assert simulator.requests() == []
    assert not PaymentAttempt.objects.exists()
    assert PaymentLink.objects.get(pk=link.pk).status == "active"


def test_a_click_on_pay_leads_to_the_provider(
    visitor: Visitor, page: str, customer: Customer
) -> None:
    answer = visitor.post(page, method=CARD, revision=customer.page().revision, seen="25.00")

    attempt = PaymentAttempt.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, attempt.redirect_url)


@pytest.mark.parametrize("method", ["", "stripe:unknown", "unknown:card", "x" * 10_000, "\x00"])
def test_an_unknown_method_is_told_and_opens_nothing(
    visitor: Visitor, page: str, customer: Customer, simulator: Simulator, method: str
) -> None:
    answer = visitor.post(page, method=method, revision=customer.page().revision)

    assert answer.status_code == 400
    assert "This way to pay is not available here. Choose another." in text(answer)
    assert asked_of(simulator) == 0
    assert not PaymentAttempt.objects.exists()


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x"]
)
def test_a_click_that_is_no_form_is_refused(visitor: Visitor, page: str, content_type: str) -> None:
    answer = visitor.ask("POST", page, b"method=stripe:card", content_type=content_type)

    assert answer.status_code == 415
    assert not PaymentAttempt.objects.exists()


def test_a_form_that_is_too_large_is_refused(visitor: Visitor, page: str) -> None:
    answer = visitor.ask("POST", page, b"x" * 3_000_000, content_type=FORM)

    assert answer.status_code == 400
    assert not PaymentAttempt.objects.exists()


# ---------------------------------------------------------------- coming back


def test_coming_back_settles_the_attempt_and_shows_the_page(
    visitor: Visitor, page: str, customer: Customer, simulator: Simulator
) -> None:
    simulator.pay(customer.session())

    answer = visitor.get(f"{page}return?attempt={PaymentAttempt.objects.get().id}")

    assert (answer.status_code, answer.headers["Location"]) == (303, "./")
    assert PaymentAttempt.objects.get().status == "paid"
    assert "Thank you for your payment" in text(visitor.get(page))


def test_coming_back_leads_to_the_storefront_that_began(
    visitor: Visitor, page: str, customer: Customer
) -> None:
    customer.begin()
    PaymentAttempt.objects.update(return_url="https://storefront.example/thanks")

    answer = visitor.get(f"{page}return?attempt={PaymentAttempt.objects.get().id}")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "https://storefront.example/thanks"


@pytest.mark.parametrize("attempt", ["", "nonsense", "6f1c2f2c-3a51-4d0c-9a37-3f8d2b1c0e55"])
def test_an_attempt_that_is_none_of_the_links_is_not_looked_up(
    visitor: Visitor, page: str, simulator: Simulator, attempt: str
) -> None:
    answer = visitor.get(f"{page}return?attempt={attempt}")

    assert (answer.status_code, answer.headers["Location"]) == (303, "./")
    assert simulator.requests() == []


def test_coming_back_while_the_provider_is_down_asks_for_patience(
    visitor: Visitor, page: str, customer: Customer, simulator: Simulator
) -> None:
    session = customer.session()
    simulator.pay(session)
    attempt = PaymentAttempt.objects.get()
    simulator.add_fault("GET", f"/v1/checkout/sessions/{session}", "error_500", times=10)

    answer = visitor.get(f"{page}return?attempt={attempt.id}")

    assert answer.status_code == 503
    assert "please do not pay a second time" in text(answer)
    assert PaymentAttempt.objects.get().status == "open"


# ---------------------------------------------------------------- renewing


@pytest.fixture
def expired(link: PaymentLink) -> None:
    ends = timezone.now() - timedelta(seconds=1)
    PaymentLink.objects.filter(pk=link.pk).update(expires_at=ends)


def test_a_link_is_renewed_and_the_answer_does_not_say_so(
    visitor: Visitor, page: str, expired: None
) -> None:
    answer = visitor.post(f"{page}renew")

    assert answer.status_code == 200
    assert text(answer) == (
        "Sandbox shop Look into your mail If this payment link can be renewed, a fresh one has "
        "been sent to the email address that the shop has. If nothing arrives, ask the shop."
    )
    assert PaymentLink.objects.count() == 2
    assert len(mail.outbox) == 1


def test_whatever_comes_of_renewing_the_answer_is_one_and_the_same(
    visitor: Visitor, page: str, link: PaymentLink
) -> None:
    nothing = visitor.post(f"{page}renew")
    PaymentLink.objects.filter(pk=link.pk).update(expires_at=timezone.now())
    something = visitor.post(f"{page}renew")
    unknown = visitor.post(f"{UNKNOWN}renew")

    assert len(mail.outbox) == 1
    for answer in (something, unknown):
        assert answer.status_code == nothing.status_code
        assert answer.content == nothing.content
        assert dict(answer.headers) == dict(nothing.headers)


def test_a_link_is_not_renewed_in_another_channel(page: str, expired: None) -> None:
    Channel.objects.create(slug="other", currency="USD", plugin_active=True)

    Visitor("other").post(f"{page}renew")

    assert PaymentLink.objects.count() == 1
    assert mail.outbox == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_only_a_post_renews(visitor: Visitor, page: str, expired: None, method: str) -> None:
    assert visitor.ask(method, f"{page}renew").status_code == 405

    assert PaymentLink.objects.count() == 1
    assert mail.outbox == []


# ---------------------------------------------------------------- faults and logs


# Through Django itself, which logs refusals and faults.
through_django = pytest.mark.urls("tests.unit.web.visitor")


@through_django
def test_a_fault_of_ours_is_answered_and_logged_without_the_token(
    page: str,
    customer: Customer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(*_args: object) -> None:
        raise RuntimeError(*said)

    said = ["broken"]
    monkeypatch.setattr("saleor_paylink.web.views.payment_request", fails)

    answer = Client().get(f"/plugins/channel/shop/saleor.paylink/{page}")

    assert answer.status_code == 500
    assert answer.headers["Cache-Control"] == "no-store"
    assert text(answer).startswith("Something went wrong The fault is ours")
    assert "A page could not be served: RuntimeError at:" in caplog.text
    assert "broken" not in caplog.text
    assert customer.token not in caplog.text


@through_django
@pytest.mark.parametrize("broken", ["neutral_page", "limit_page", "trouble_page"])
def test_a_fault_of_the_pages_for_what_went_wrong_is_not_raised_either(
    page: str,
    customer: Customer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    broken: str,
) -> None:
    """They ask the shop for its brand, and can be a shop's own templates."""

    def fails(*_args: object) -> None:
        raise RuntimeError

    causes = {"neutral_page": Http404(), "limit_page": TooManyTries(timedelta(minutes=1))}

    def refuses(*_args: object) -> None:
        raise causes.get(broken, RuntimeError())

    monkeypatch.setattr(f"saleor_paylink.web.serve.{broken}", fails)
    monkeypatch.setattr("saleor_paylink.web.views.payment_request", refuses)

    answer = Client(raise_request_exception=False).get(
        f"/plugins/channel/shop/saleor.paylink/{page}"
    )

    assert answer.status_code == 500
    assert answer.headers["Cache-Control"] == "no-store"
    assert customer.token not in caplog.text


@through_django
@pytest.mark.parametrize(
    ("method", "more"), [("GET", "nonsense"), ("PUT", ""), ("POST", ""), ("POST", "return")]
)
def test_no_refusal_logs_the_token(
    page: str,
    customer: Customer,
    caplog: pytest.LogCaptureFixture,
    method: str,
    more: str,
) -> None:
    caplog.set_level("DEBUG")

    answer = Client().generic(method, f"/plugins/channel/shop/saleor.paylink/{page}{more}")

    assert answer.status_code in (404, 405, 415)
    assert customer.token not in caplog.text
