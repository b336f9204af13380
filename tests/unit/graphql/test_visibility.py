"""Who sees what of a payment link. What is denied outright, the behaviour suite shows."""

import pytest

from saleor_paylink.links.lifecycle import LinkTerms, create
from saleor_paylink.links.tokens import pay_url
from saleor_paylink.models import PaymentLink
from saleor_paylink.qrcodes import qr_code
from saleor_paylink.shop import Actor, ActorKind
from sandbox.shop.graphql.view import Context
from sandbox.shop.models import App, Order, User
from sandbox.stage import APPS, PEOPLE, PersonPlan
from tests.attempts import attempt_over, money_in_question
from tests.careless import EVERYBODY, fail_to_pay, handed_out, may_be_seen
from tests.unit.graphql.asking import Asking, global_id

LINK = """query ($id: ID!) { order(id: $id) { paymentLink {
  url qrCode nextReminderAt createdBy { email }
  events { type actor message } attempts { id providerUrl }
} } }"""
EXCEPTIONS = """query ($id: ID!) { order(id: $id) { paymentCollection { exceptions {
  kind order { number } amount { amount currency } providerReference message
} } } }"""


@pytest.fixture
def link(order: Order, cashier: User) -> PaymentLink:
    """Made by the cashier; once tried to pay."""
    actor = Actor(ActorKind.USER, str(cashier.pk), cashier.email)
    made = create(order.id, LinkTerms(), actor)
    attempt_over(
        made,
        provider_url="https://provider.example/payments/1",
        next_check_at=made.created_at,
    )
    return made


def test_staff_see_who_did_what(
    ask: Asking, order: Order, link: PaymentLink, cashier: User
) -> None:
    seen = ask(LINK, cashier, id=global_id(order))["order"]["paymentLink"]

    (attempt,) = link.attempts.all()
    assert seen == {
        "url": pay_url(link),
        "qrCode": qr_code(pay_url(link)),
        "nextReminderAt": None,
        "createdBy": {"email": "cashier@example.com"},
        "events": [
            {
                "type": "CREATED",
                "actor": "cashier@example.com",
                "message": "A payment link for $25.00 was created.",
            }
        ],
        "attempts": [
            {"id": global_id(attempt), "providerUrl": "https://provider.example/payments/1"}
        ],
    }


def test_the_customer_sees_nothing_of_the_staff(
    ask: Asking, order: Order, link: PaymentLink, customer: User
) -> None:
    seen = ask(LINK, customer, id=global_id(order))["order"]["paymentLink"]

    (attempt,) = link.attempts.all()
    assert seen == {
        "url": pay_url(link),
        "qrCode": qr_code(pay_url(link)),
        "nextReminderAt": None,
        "createdBy": None,
        "events": [],
        "attempts": [{"id": global_id(attempt), "providerUrl": None}],
    }


def test_staff_of_another_channel_see_nothing(
    ask: Asking, order: Order, link: PaymentLink, cashier: User
) -> None:
    cashier.channels = ["elsewhere"]
    cashier.save()

    assert ask(LINK, cashier, id=global_id(order)) == {"order": {"paymentLink": None}}
    assert ask(EXCEPTIONS, cashier, id=global_id(order)) == {"order": {"paymentCollection": None}}


def test_money_that_needs_a_person_is_seen_at_its_order(
    ask: Asking, order: Order, cashier: User
) -> None:
    money_in_question("pi_late", kind="late", order_id=order.id)

    seen = ask(EXCEPTIONS, cashier, id=global_id(order))["order"]["paymentCollection"]

    assert seen["exceptions"] == [
        {
            "kind": "LATE",
            "order": {"number": str(order.number)},
            "amount": {"amount": 25.0, "currency": "USD"},
            "providerReference": "pi_late",
            "message": "Nothing was due any more when it arrived.",
        }
    ]


def test_an_order_that_paylink_knows_nothing_of_has_no_link(
    ask: Asking, order: Order, cashier: User
) -> None:
    assert ask(LINK, cashier, id=global_id(order)) == {"order": {"paymentLink": None}}


@pytest.mark.parametrize("person", EVERYBODY)
def test_whatever_hands_out_a_link_each_sees_of_it_what_is_theirs(
    order: Order, person: str | None
) -> None:
    people = {key: made(plan) for key, plan in PEOPLE.items()}
    Order.objects.update(user=people["customer"])
    cashier = people["cashier"]
    link = create(order.id, LinkTerms(), Actor(ActorKind.USER, str(cashier.pk), cashier.email))
    fail_to_pay(link)
    plan = APPS.get(person or "")
    app = plan and App.objects.create(name=plan.name, permissions=list(plan.permissions))

    seen = handed_out(link, Context(people.get(person or ""), {}, app))

    assert seen == may_be_seen(person, pay_url(link))


def made(plan: PersonPlan) -> User:
    fields = {
        "is_staff": plan.staff,
        "is_superuser": plan.superuser,
        "permissions": list(plan.permissions),
        "channels": None if plan.channels is None else list(plan.channels),
    }
    user, _is_new = User.objects.update_or_create(email=plan.email, defaults=fields)
    return user
