"""An order's own history, as staff read it in the Dashboard."""

from graphql_relay import to_global_id
from saleor.order.models import Order

from saleor_paylink.models import PaymentLink
from tests.saleor.client import Api
from tests.saleor.customer import pay
from tests.saleor.orders import completed, global_id

CREATE = """mutation($order: ID!, $send: Boolean!) {
    paymentLinkCreate(orderId: $order, input: {send: $send}) {
        paymentLink { id } errors { field message code }
    }
}"""
SEND = """mutation($id: ID!, $email: String!) {
    paymentLinkSend(id: $id, input: {email: $email}) { errors { field message code } }
}"""
ROTATE = "mutation($id: ID!) { paymentLinkRotate(id: $id) { errors { field message code } } }"
REVOKE = "mutation($id: ID!) { paymentLinkRevoke(id: $id) { errors { field message code } } }"
REJECT = """mutation($order: ID!, $reason: String!) {
    paymentLinkReject(orderId: $order, reason: $reason) { errors { field message code } }
}"""
CLERK, CASHIER = "clerk@example.com", "cashier@example.com"

Event = tuple[str, str | None, str | None]


def since_completion(order: Order) -> list[Event]:
    """Kind, message and user of each event that came after the order was completed."""
    events = [
        (event.type, event.parameters.get("message"), event.user and event.user.email)
        for event in order.events.select_related("user").order_by("pk")
    ]
    # Completed by the stage's admin, who does nothing else.
    return [event for event in events if event[2] != "admin@example.com"]


def create(order: Order, *, send: bool) -> PaymentLink:
    Api("clerk").do(CREATE, order=global_id(order), send=send)
    return PaymentLink.objects.get(order_id=order.pk)


def test_the_life_of_a_link_that_is_paid() -> None:
    order = completed()

    link = create(order, send=True)
    Api("cashier").do(SEND, id=to_global_id("PaymentLink", link.pk), email="other@example.com")
    payment = pay(link)

    assert since_completion(order) == [
        ("note_added", "A payment link for $30.00 was created.", CLERK),
        ("note_added", "The payment link was mailed to the customer.", CLERK),
        ("note_added", "The payment link was mailed to another address.", CASHIER),
        ("note_added", f"$30.00 were paid over the payment link ({payment}).", None),
        ("order_fully_paid", None, None),
        ("confirmed", None, None),
    ]


def test_the_life_of_a_link_that_is_given_up() -> None:
    order = completed()

    link = create(order, send=False)
    for mutation in (ROTATE, REVOKE):
        Api("clerk").do(mutation, id=to_global_id("PaymentLink", link.pk))
    Api("cashier").do(REJECT, order=global_id(order), reason="No answer.")

    assert since_completion(order) == [
        ("note_added", "A payment link for $30.00 was created.", CLERK),
        ("note_added", "The payment link got a new address; the old one is dead.", CLERK),
        ("note_added", "The payment link was closed.", CLERK),
        ("note_added", "The order was rejected. No answer.", CASHIER),
        ("canceled", None, CASHIER),
    ]
