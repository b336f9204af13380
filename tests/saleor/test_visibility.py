"""Whoever hands out a link, its own fields show to each of Saleor's callers what is theirs."""

import pytest
from django.test import RequestFactory
from saleor.account.models import User
from saleor.app.models import App
from saleor.core.db.connection import allow_writer
from saleor.graphql.context import get_context_value

from saleor_paylink.links.lifecycle import LinkTerms, create
from saleor_paylink.links.tokens import pay_url
from saleor_paylink.models import PaymentLink
from saleor_paylink.shop import Actor, ActorKind
from sandbox.stage import APPS, PEOPLE
from tests.careless import EVERYBODY, fail_to_pay, handed_out, may_be_seen
from tests.saleor.client import authorization
from tests.saleor.orders import completed


@pytest.fixture(scope="module")
def link(shop: None) -> PaymentLink:
    """Made by the cashier, for an order of the customer's."""
    with allow_writer():
        order = completed()
        order.user = User.objects.get(email=PEOPLE["customer"].email)
        order.save()
        cashier = User.objects.get(email=PEOPLE["cashier"].email)
        made = create(order.pk, LinkTerms(), Actor(ActorKind.USER, str(cashier.pk), cashier.email))
        fail_to_pay(made)
    return made


@pytest.mark.parametrize("person", EVERYBODY)
def test_whatever_hands_out_a_link_each_sees_of_it_what_is_theirs(
    link: PaymentLink, person: str | None
) -> None:
    who = App.objects.get(name=APPS[person].name) if person in APPS else person
    request = RequestFactory().post("/graphql/", headers=authorization(who))

    seen = handed_out(link, get_context_value(request))

    assert seen == may_be_seen(person, pay_url(link))
