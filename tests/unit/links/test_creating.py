"""Creating a link: terms, refusals, the hold."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from saleor_paylink.links import tokens
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.history import event_sentence
from saleor_paylink.links.lifecycle import LinkTerms, create, send
from saleor_paylink.models import LinkEventType, LinkStatus, PaymentLink
from sandbox.shop import orders
from sandbox.shop.models import Channel, Order, ProductVariant
from tests.unit.links.helpers import CLERK, status_of


def refused(order: Order, terms: LinkTerms) -> LinkError:
    """The refusal, after which there is no link and the order is as it was."""
    before = status_of(order.id)
    with pytest.raises(LinkError) as caught:
        create(order.id, terms, CLERK)
    assert PaymentLink.objects.count() == 0
    assert status_of(order.id) == before
    assert mail.outbox == []
    return caught.value


def test_a_link_holds_the_order(order: Order) -> None:
    create(order.id, LinkTerms(), CLERK)

    assert status_of(order.id) == "unconfirmed"


def test_creating_twice_returns_the_link_in_force(order: Order) -> None:
    first = create(order.id, LinkTerms(message="first"), CLERK)
    second = create(order.id, LinkTerms(message="second"), CLERK)

    assert second.pk == first.pk
    assert second.message == "first"
    assert tokens.pay_url(second) == tokens.pay_url(first)


def test_the_url_is_absolute_and_names_no_order(order: Order) -> None:
    link = create(order.id, LinkTerms(), CLERK)

    token = tokens.token_of(link)
    assert token is not None
    assert len(token) == 43
    assert tokens.pay_url(link) == (
        f"http://127.0.0.1:8400/plugins/channel/shop/saleor.paylink/pay/{token}/"
    )


def test_the_token_is_not_in_the_database(order: Order) -> None:
    link = create(order.id, LinkTerms(), CLERK)

    token = tokens.token_of(link)
    assert token not in [str(value) for value in vars(PaymentLink.objects.get()).values()]


def test_a_deposit_is_asked_for_instead_of_all(order: Order) -> None:
    link = create(order.id, LinkTerms(amount=Decimal("10.00")), CLERK)

    assert link.requested_amount == Decimal("10.00")


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("0", LinkErrorCode.AMOUNT_TOO_SMALL),
        ("-1", LinkErrorCode.AMOUNT_TOO_SMALL),
        ("25.01", LinkErrorCode.AMOUNT_TOO_LARGE),
        ("10.001", LinkErrorCode.AMOUNT_NOT_REPRESENTABLE),
    ],
)
def test_a_deposit_that_cannot_be_asked_for_is_refused(
    order: Order, amount: str, code: LinkErrorCode
) -> None:
    error = refused(order, LinkTerms(amount=Decimal(amount)))

    assert (error.code, error.field) == (code, "amount")


def test_an_expiry_in_the_past_is_refused(order: Order) -> None:
    error = refused(order, LinkTerms(expires_at=timezone.now() - timedelta(seconds=1)))

    assert (error.code, error.field) == (LinkErrorCode.EXPIRY_IN_PAST, "expiresAt")


def test_a_draft_is_refused(channel: Channel, mug: ProductVariant, stripe: object) -> None:
    draft = orders.create_draft(channel, [(mug, 1)], None)

    assert refused(draft, LinkTerms()).code == LinkErrorCode.ORDER_DRAFT


def test_a_cancelled_order_is_refused(order: Order) -> None:
    orders.cancel_by_hand(order.id, None)

    assert refused(order, LinkTerms()).code == LinkErrorCode.ORDER_NOT_COLLECTABLE


def test_without_a_method_the_link_is_refused(order: Order, channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(plugin_active=False)

    assert refused(order, LinkTerms()).code == LinkErrorCode.NO_METHOD


def test_sending_to_nobody_is_refused_before_the_link_is_made(
    make_order: Callable[..., Order], stripe: object
) -> None:
    error = refused(make_order(email=""), LinkTerms(send=True))

    assert (error.code, error.field) == (LinkErrorCode.EMAIL_ERROR, "send")


def test_creating_and_sending_twice_sends_one_mail(order: Order) -> None:
    link = create(order.id, LinkTerms(send=True, message="See you soon"), CLERK)
    create(order.id, LinkTerms(send=True), CLERK)

    (message,) = mail.outbox
    assert message.to == ["customer@example.com"]
    assert message.subject == f"Pay $25.00 for order #{order.number} at Sandbox shop"
    assert str(tokens.pay_url(link)) in message.body
    assert "See you soon" in message.body
    assert PaymentLink.objects.get().last_sent_at is not None


def test_resending_does_not_change_the_url(order: Order) -> None:
    link = create(order.id, LinkTerms(send=True), CLERK)
    before = tokens.pay_url(link)

    send(link.pk, CLERK)

    assert tokens.pay_url(PaymentLink.objects.get()) == before
    assert len(mail.outbox) == 2
    assert str(before) in mail.outbox[1].body


def test_a_corrected_address_is_used_for_one_mail(order: Order) -> None:
    link = create(order.id, LinkTerms(), CLERK)

    send(link.pk, CLERK, email="other@example.com")
    send(link.pk, CLERK)

    assert [m.to for m in mail.outbox] == [["other@example.com"], ["customer@example.com"]]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (None, "The payment link was mailed to the customer."),
        ("Customer@Example.com", "The payment link was mailed to the customer."),
        ("other@example.com", "The payment link was mailed to another address."),
    ],
)
def test_the_history_says_whether_the_customer_was_mailed_and_names_no_address(
    order: Order, address: str | None, sentence: str
) -> None:
    link = create(order.id, LinkTerms(), CLERK)

    send(link.pk, CLERK, email=address)

    event = link.events.get(type=LinkEventType.SENT)
    assert event_sentence(event) == sentence
    assert order.events.filter(message=sentence).count() == 1
    assert "example.com" not in str(event.data).lower()


@pytest.mark.parametrize("address", ["nobody", "a@b", "x@example.com\nBcc: y@example.com"])
def test_a_bad_address_is_refused(order: Order, address: str) -> None:
    link = create(order.id, LinkTerms(), CLERK)

    with pytest.raises(LinkError) as caught:
        send(link.pk, CLERK, email=address)

    assert (caught.value.code, caught.value.field) == (LinkErrorCode.EMAIL_ERROR, "email")
    assert mail.outbox == []


def test_a_closed_link_is_not_sent(order: Order) -> None:
    link = create(order.id, LinkTerms(), CLERK)
    PaymentLink.objects.update(status=LinkStatus.REVOKED)

    with pytest.raises(LinkError) as caught:
        send(link.pk, CLERK)

    assert caught.value.code == LinkErrorCode.LINK_NOT_ACTIVE
    assert mail.outbox == []


def test_an_expired_link_makes_room_for_a_new_one(order: Order) -> None:
    first = create(order.id, LinkTerms(), CLERK)
    PaymentLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    second = create(order.id, LinkTerms(), CLERK)

    assert second.pk != first.pk
    assert PaymentLink.objects.get(pk=first.pk).status == LinkStatus.EXPIRED
    assert second.status == LinkStatus.ACTIVE


def test_the_channel_sets_how_long_links_live(order: Order, channel: Channel) -> None:
    values = {**channel.plugin_values, "link-lifetime-days": "3"}
    Channel.objects.filter(pk=channel.pk).update(plugin_values=values)

    before = timezone.now()
    link = create(order.id, LinkTerms(), CLERK)

    assert link.expires_at is not None
    assert timedelta(days=3) <= link.expires_at - before < timedelta(days=3, minutes=1)
