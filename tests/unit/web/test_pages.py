"""What each state of a payment request looks like. `text` is what a person reads."""

import re
from dataclasses import replace
from html import escape

import pytest

from saleor_paylink.conf import ChannelSettings
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.providers.interface import MethodKind
from saleor_paylink.shop import LineView, OrderState
from saleor_paylink.web.pages import PayForm, neutral_page, request_page, unsure_page
from tests.unit.web.samples import CARD, KLARNA, NOON, money, mugs, page, receipt, tried
from tests.unit.web.visitor import text

pytestmark = pytest.mark.django_db

SUMMARY = (
    "Your order Mug Blue 2 \N{MULTIPLICATION SIGN} $12.50 $25.00 "
    "Subtotal $25.00 Shipping $0.00 Total $25.00"
)
RECEIPT = (
    "Receipt Number 21-1 Order #21 Paid to The Mug Shop Date March 7, 2026, 12:00 PM UTC "
    "Paid by Card Reference pi_3PqXb2LkdIwHu7ix0aB1c2D3 Amount $25.00 Print this page"
)
FORM = "Pay $25.00 You pay on the payment provider's secure page, which opens next."
DOWN = LinkError(LinkErrorCode.PROVIDER_ERROR, "You have not been charged. Try again.")
CHANGED = LinkError(LinkErrorCode.AMOUNT_CHANGED, "The amount has changed.")


def test_an_order_to_pay_is_shown_for_review() -> None:
    assert text(request_page(page())) == (
        f"The Mug Shop Order #21 $25.00 to pay {SUMMARY} Payment method: Card {FORM}"
    )


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (
            "processing",
            "Your payment is on its way There is nothing more to do: please do not pay again. "
            "Some ways to pay take a few days; this page will then show your receipt. "
            "This page looks again by itself. You can also close it and come back later by the "
            "same link. Check again",
        ),
        (
            "paid_outside",
            "Already paid The Mug Shop has received the money for this order in another way. "
            "There is nothing more to pay.",
        ),
        (
            "canceled",
            "This order was cancelled Nothing can be paid for it any more. If you did not expect "
            "this, ask The Mug Shop.",
        ),
        (
            "expired",
            "This payment link has expired Nothing can be paid over it any more. If you still "
            "want to pay, ask for a fresh one: it is sent to c•••@e•••.com, the email address that "
            "The Mug Shop has. Ask for a fresh link",
        ),
    ],
)
def test_a_request_that_cannot_be_paid_says_why(status: str, words: str) -> None:
    response = request_page(page(status))

    assert response.status_code == 200
    assert text(response) == f"The Mug Shop Order #21 {words} {SUMMARY}"


def test_the_page_of_an_expired_link_has_a_form_that_leads_nowhere_else() -> None:
    response = request_page(page("expired"))

    assert '<form method="post" action="renew">' in response.content.decode()
    assert "form-action 'self';" in response.headers["Content-Security-Policy"]


def test_for_an_order_that_expired_no_fresh_link_can_be_asked_for() -> None:
    response = request_page(page("expired", mugs(state=OrderState.EXPIRED)))

    assert b"<form" not in response.content
    assert "Nothing can be paid for this order any more." in text(response)


@pytest.mark.parametrize(
    "status", ["due", "processing", "paid", "paid_outside", "refunded", "canceled"]
)
def test_only_an_expired_link_can_be_renewed(status: str) -> None:
    assert b'action="renew"' not in request_page(page(status)).content


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (
            "paid",
            "Already paid This link is already paid. There is nothing more to pay here.",
        ),
        (
            "refunded",
            "Refunded Your payment has been given back: $0.00. "
            "It can take your bank a few days to show it.",
        ),
    ],
)
def test_a_paid_request_shows_its_receipt(status: str, words: str) -> None:
    response = request_page(page(status, receipts=[receipt()]))

    assert text(response) == f"The Mug Shop Order #21 {words} {RECEIPT} {SUMMARY}"


@pytest.mark.parametrize("status", ["paid", "canceled"])
def test_whoever_paid_for_an_order_that_was_cancelled_is_told_of_both(status: str) -> None:
    order = mugs(state=OrderState.CANCELED)

    response = request_page(page(status, order, receipts=[receipt("10.00"), receipt("15.00")]))

    assert text(response).startswith(
        "The Mug Shop Order #21 This order was cancelled Your payment of $10.00 was received. "
        "Your payment of $15.00 was received. The Mug Shop will be in touch with you about the "
        "money. Receipt"
    )


@pytest.mark.parametrize("status", ["refunded", "canceled"])
def test_whoever_got_their_money_back_for_a_cancelled_order_is_told_of_both(status: str) -> None:
    order = mugs(state=OrderState.CANCELED)

    response = request_page(page(status, order, receipts=[receipt()], is_given_back=True))

    assert text(response).startswith(
        "The Mug Shop Order #21 This order was cancelled Your payment of $25.00 was received. "
        "Your payment has been given back. It can take your bank a few days to show it. Receipt"
    )


@pytest.mark.parametrize(
    "status", ["processing", "paid", "paid_outside", "refunded", "canceled", "expired"]
)
def test_only_what_is_due_can_be_paid(status: str) -> None:
    # An open form would be an invitation to pay twice.
    response = request_page(
        page(status, methods=[CARD], last_try=tried("Declined."), message="Pay!")
    )

    assert b'name="revision"' not in response.content
    assert b'name="method"' not in response.content
    assert "Declined." not in text(response)
    assert "Pay!" not in text(response)


def test_the_totals_add_up_to_what_is_due_now() -> None:
    order = mugs(
        subtotal=money("25.00"),
        discount=money("2.50"),
        shipping=money("5.00"),
        tax=money("4.39"),
        total=money("27.50"),
    )

    response = request_page(page(order=order, amount_paid=money("10.00"), amount_due=money("7.50")))

    assert (
        "Subtotal $25.00 Discount \N{MINUS SIGN}$2.50 Shipping $5.00 "
        "Total including $4.39 tax $27.50 Already paid \N{MINUS SIGN}$10.00 "
        "Due later \N{MINUS SIGN}$10.00 Due now $7.50 "
    ) in text(response)
    assert "Pay $7.50" in text(response)


def test_what_is_not_asked_for_is_not_called_paid() -> None:
    view = page(amount_paid=money("5.00"), set_aside=money("10.00"), amount_due=money("10.00"))

    assert (
        "Total $25.00 Already paid \N{MINUS SIGN}$5.00 Not to be paid here \N{MINUS SIGN}$10.00 "
        "Due now $10.00 "
    ) in text(request_page(view))


def test_one_of_several_methods_is_chosen_by_radio_buttons() -> None:
    response = request_page(page(methods=[CARD, KLARNA]))

    html = response.content.decode()
    assert '<input type="radio" name="method" value="stripe:card" required checked>' in html
    assert '<input type="radio" name="method" value="stripe:klarna" required>' in html
    assert "How do you want to pay? Card Klarna Pay later, or in parts. Pay" in text(response)


def test_each_kind_of_method_has_a_mark_of_its_own() -> None:
    methods = [replace(CARD, id=f"stripe:{kind}", kind=kind) for kind in MethodKind]

    html = request_page(page(methods=methods)).content.decode()

    marks = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(set(marks)) == len(MethodKind)


def test_a_refused_click_keeps_the_method_that_was_chosen() -> None:
    view = page(methods=[CARD, KLARNA])

    form = PayForm("stripe:klarna", view.revision, "25.00")
    html = request_page(view, DOWN, form).content.decode()

    assert 'value="stripe:card" required>' in html
    assert 'value="stripe:klarna" required checked>' in html


def test_the_form_sends_what_the_customer_saw() -> None:
    view = page(order=mugs(price="25.10"))

    html = request_page(view).content.decode()

    assert f'<input type="hidden" name="revision" value="{view.revision}">' in html
    assert '<input type="hidden" name="seen" value="25.10">' in html


def test_without_a_method_there_is_no_form_but_a_reason() -> None:
    response = request_page(page(methods=[]))

    assert b"<form" not in response.content
    assert (
        "This amount cannot be paid online at the moment. Please ask The Mug Shop how to pay."
    ) in text(response)


def test_message_end_and_test_mode_are_shown() -> None:
    response = request_page(page(message="Thank you.\nAda", expires_at=NOON, test_mode=True))

    assert text(response).startswith(
        "Test mode: no real money moves. The Mug Shop Order #21 $25.00 to pay "
        "You can pay until March 7, 2026, 12:00 PM UTC. The Mug Shop writes: Thank you. Ada "
        "Your order"
    )


def test_the_last_decline_is_shown_until_the_next_click() -> None:
    view = page(last_try=tried())

    declined = "you have not been charged: Your card was declined. You can try again."
    assert declined in text(request_page(view))
    form = PayForm(CARD.id, view.revision, "25.00")
    assert declined not in text(request_page(view, DOWN, form))


# ---------------------------------------------------------------- refused clicks


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (LinkErrorCode.METHOD_UNAVAILABLE, 400),
        (LinkErrorCode.AMOUNT_CHANGED, 409),
        (LinkErrorCode.AMOUNT_TOO_SMALL, 409),
        (LinkErrorCode.MONEY_IN_FLIGHT, 409),
        (LinkErrorCode.PROVIDER_ERROR, 503),
    ],
)
def test_a_refused_click_shows_the_reason_and_the_page_again(
    code: LinkErrorCode, status: int
) -> None:
    view = page()
    form = PayForm(CARD.id, view.revision, "25.00")

    response = request_page(view, LinkError(code, "For <this> reason."), form)

    assert response.status_code == status
    assert text(response).startswith("The Mug Shop For <this> reason. Order #21 $25.00 to pay")
    assert text(response).endswith(FORM)


def test_a_click_on_what_was_paid_meanwhile_shows_the_receipt() -> None:
    refusal = LinkError(LinkErrorCode.ALREADY_PAID, "This order has been paid already.")

    response = request_page(
        page("paid", receipts=[receipt()]), refusal, PayForm(CARD.id, "", "25.00")
    )

    assert response.status_code == 409
    assert text(response).startswith("The Mug Shop Order #21 Already paid")


def test_a_changed_amount_is_shown_beside_the_one_that_was_seen() -> None:
    before, now = page(), page(order=mugs(price="37.50"))

    response = request_page(now, CHANGED, PayForm(CARD.id, before.revision, "25.00"))

    assert text(response).startswith(
        "The Mug Shop The amount has changed. Before: $25.00 Now: $37.50 Order #21 $37.50 to pay"
    )


@pytest.mark.parametrize("seen", ["24.00", "", "-25.00", "1e9999999", "NaN", "٢٥", "25.00\n"])
def test_an_amount_that_was_never_shown_is_not_repeated(seen: str) -> None:
    before, now = page(), page(order=mugs(price="37.50"))

    response = request_page(now, CHANGED, PayForm(CARD.id, before.revision, seen))

    assert "Before:" not in text(response)


def test_a_customer_who_comes_back_while_the_provider_is_down_is_told_not_to_pay_again() -> None:
    response = unsure_page(page())

    assert response.status_code == 503
    assert text(response) == (
        "The Mug Shop Order #21 We are checking your payment The payment provider cannot be "
        "reached just now. If you have paid, your payment is safe and will be shown here: please "
        "do not pay a second time. Check again"
    )


# ---------------------------------------------------------------- languages, hostile data


@pytest.mark.parametrize(
    ("amount", "currency", "language", "shown"),
    [
        ("25.00", "USD", "en", "$25.00"),
        ("2500", "JPY", "en", "¥2,500"),
        ("12.750", "KWD", "en", "KWD12.750"),
        ("99.50", "RSD", "en", "RSD99.50"),
        ("1234.50", "EUR", "de", "1.234,50 €"),
        ("1234.50", "EUR", "de-at", "€ 1.234,50"),
        ("1234.50", "EUR", "xx", "€1,234.50"),
        ("1.500", "KWD", "ar", "\u200f1.500 د.ك.\u200f"),
    ],
)
def test_amounts_are_exact_and_in_the_orders_language(
    amount: str, currency: str, language: str, shown: str
) -> None:
    response = request_page(page(order=mugs(currency, amount, language=language)))

    html = response.content.decode().replace("\xa0", " ")
    assert re.search(rf"<button>[^<]*<bdi>{re.escape(shown)}</bdi>[^<]*</button>", html)


@pytest.mark.parametrize(
    ("language", "told", "words"),
    [
        ("en", 'lang="en" dir="ltr"', "Your order"),
        ("de", 'lang="de" dir="ltr"', "Ihre Bestellung"),
        ("pt-br", 'lang="pt-BR" dir="ltr"', "Seu pedido"),
        ("ar", 'lang="ar" dir="rtl"', "طلبك"),
        # There is no catalogue of it.
        ("sv", 'lang="en" dir="ltr"', "Your order"),
    ],
)
def test_the_page_is_in_the_orders_language_and_says_which(
    language: str, told: str, words: str
) -> None:
    html = request_page(page(order=mugs(language=language))).content.decode()

    assert html.startswith(f"<!doctype html>\n<html {told}>")
    assert words in html


HOSTILE = (
    "</title><script>alert('1')</script>\"><img src=x onerror=alert(2)>{{ view }}{% now 'Y' %}"
)


def test_hostile_data_is_shown_as_it_is_and_never_run() -> None:
    view = page(
        order=mugs(number=HOSTILE, lines=[LineView(HOSTILE, HOSTILE, 1, money("1"), money("1"))]),
        shop_name=HOSTILE,
        message=HOSTILE,
        last_try=replace(tried(HOSTILE), method_name=HOSTILE),
        methods=[replace(CARD, id=HOSTILE, name=HOSTILE), replace(KLARNA, name=HOSTILE)],
        receipts=[replace(receipt(), number=HOSTILE, method=HOSTILE, reference=HOSTILE)],
        revision=HOSTILE,
    )
    refused = LinkError(LinkErrorCode.INVALID, HOSTILE)

    for response in (
        request_page(view),
        request_page(view, refused, PayForm(HOSTILE, HOSTILE, HOSTILE)),
        request_page(replace(page("paid"), order=view.order, receipts=view.receipts)),
        unsure_page(view),
    ):
        html = response.content.decode()
        assert "<script>" not in html
        assert "<img" not in html
        assert escape(HOSTILE) in html


def test_the_neutral_page_says_nothing_of_any_order() -> None:
    response = neutral_page(ChannelSettings("shop", active=True))

    assert response.status_code == 404
    assert text(response) == (
        "Sandbox shop Nothing to pay here This address leads to no payment. It may have been "
        "copied in part, replaced by a newer one, or closed. Open the link in your mail "
        "again, or ask the shop for a new one."
    )
