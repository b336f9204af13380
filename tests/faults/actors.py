"""Who does what, each with its share: staff, customers, banks, the post, workers and time.

A choice looks what can be done now, and says what somebody is about to do; None: nothing. What
is chosen may be overtaken by others before it is done, as in life.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from django.core.exceptions import ValidationError

from saleor_paylink import jobs
from saleor_paylink.links import lifecycle, offers, paying, reading, settlement, tokens, webhooks
from saleor_paylink.links.lifecycle import LinkTerms
from saleor_paylink.links.reading import PaymentRequestView
from saleor_paylink.models import LINK_IN_FORCE, PaymentLink
from saleor_paylink.providers.stripe.amounts import from_units
from saleor_paylink.shop import Actor, ActorKind
from sandbox.shop import hooks, orders, payments, scheduler
from sandbox.shop.models import Channel, Order, OrderStatus, ProductVariant
from sandbox.stripe.checkout import DELAYED
from sandbox.stripe.deliveries import Delivery, signature
from tests.faults.wires import Message
from tests.faults.world import ENDPOINT, Act, World

CLERK = Actor(ActorKind.USER, "1", "clerk@example.com")
MOST_OPEN_ORDERS = 4
HOOK_LOST = 0.15
DEPOSIT = 0.15
SHORT_LIFE = 0.15
LOOKS_FIRST = 0.7
WRONG_AMOUNT = 0.05
MOSTLY = 0.85
OPEN = (OrderStatus.DRAFT, OrderStatus.UNCONFIRMED)
PAUSES = (10, 70, 70, 200, 200, 200, 900, 3600, 6 * 3600, 30 * 3600)
STORMS = (0, 0.2, 0.7)
Choice = Callable[[World], Act | None]
CHOICES: list[Choice] = []
SHARES: list[int] = []


def share(weight: int) -> Callable[[Choice], Choice]:
    """Let a choice be made `weight` times as often as one of weight 1."""

    def register(choice: Choice) -> Choice:
        CHOICES.append(choice)
        SHARES.append(weight)
        return choice

    return register


def choose(world: World) -> Act:
    """Somebody who can do something now."""
    while True:
        (choice,) = world.random.choices(CHOICES, SHARES)
        act = choice(world)
        if act is not None:
            return act


# The shop and its staff


@share(16)
def draft(world: World) -> Act | None:
    def do() -> str:
        order = orders.create_draft(channel, items, None, email=email)
        if completes:
            _complete(world, order.id)
        return f"#{order.number}"

    if sum(order.status in OPEN for order in world.orders()) >= MOST_OPEN_ORDERS:
        return None
    chance = world.random.random
    channel = world.random.choice(list(Channel.objects.order_by("pk")))
    items = [(each, world.random.randint(1, 3)) for each in ProductVariant.objects.order_by("pk")]
    items = items[: world.random.randint(1, 2)]
    email = "customer@example.com" if chance() < MOSTLY else ""
    completes = chance() < MOSTLY
    what = "an order" if completes else "a draft"
    return Act(f"staff make {what} in {channel.slug}", do)


@share(2)
def complete(world: World) -> Act | None:
    drafts = [order for order in world.orders() if order.status == OrderStatus.DRAFT]
    order = world.random.choice(drafts) if drafts else None
    return order and Act(f"staff complete #{order.number}", lambda: _complete(world, order.id))


def _complete(world: World, order_id: UUID) -> None:
    orders.complete(order_id, None)
    _tell(world, partial(hooks.order_completed, order_id, CLERK))


def _order(world: World, *statuses: OrderStatus) -> Order | None:
    """One of the latest orders, mostly an open one, if it is in one of these states."""
    made = world.orders()[-6:]
    still_open = [order for order in made if order.status == OrderStatus.UNCONFIRMED]
    if still_open and world.random.random() < MOSTLY:
        made = still_open
    order = world.random.choice(made) if made else None
    return order if order and (not statuses or order.status in statuses) else None


def _tell(world: World, hook: Callable[[], object]) -> None:
    """What the shop tells paylink, and sometimes does not."""
    if not world.faults.happens(HOOK_LOST):
        hook()


@share(1)
def skip(world: World) -> Act | None:
    order = _order(world)
    return order and Act(f"staff skip #{order.number}", lambda: offers.skip(order.id, CLERK))


@share(16)
def create(world: World) -> Act | None:
    order = _order(world)
    if order is None:
        return None
    terms = _terms(world, order)
    amount = terms.amount or "all"
    return Act(
        f"staff ask for {amount} of #{order.number}, until {terms.expires_at}",
        lambda: lifecycle.create(order.id, terms, CLERK).pk.hex[:4],
    )


def _terms(world: World, order: Order) -> LinkTerms:
    chance, now = world.random.random, world.time.now()
    deposit = (order.total / 2).quantize(Decimal("0.01")) if chance() < DEPOSIT else None
    expires_at = now + timedelta(minutes=20) if chance() < SHORT_LIFE else None
    return LinkTerms(amount=deposit, expires_at=expires_at, send=bool(order.email))


@share(2)
def send(world: World) -> Act | None:
    link = _link(world)
    return link and Act(f"staff send {_name(link)}", lambda: _done(lifecycle.send(link.pk, CLERK)))


def _done(_result: object) -> str:
    return "done"


def _link(world: World) -> PaymentLink | None:
    """One of the latest links, mostly one that can be paid."""
    links = list(PaymentLink.objects.order_by("-created_at")[:6])
    in_force = [link for link in links if link.current_status in LINK_IN_FORCE]
    if in_force and world.random.random() < MOSTLY:
        links = in_force
    return world.random.choice(links) if links else None


def _name(link: PaymentLink) -> str:
    return f"link {link.pk.hex[:4]} of #{Order.objects.get(id=link.order_id).number}"


@share(2)
def mark_paid(world: World) -> Act | None:
    order = _order(world)
    return order and Act(
        f"staff mark #{order.number} paid", lambda: lifecycle.mark_paid(order.id, CLERK)
    )


@share(1)
def reject(world: World) -> Act | None:
    order = _order(world)
    return order and Act(f"staff reject #{order.number}", lambda: lifecycle.reject(order.id, CLERK))


@share(6)
def edit(world: World) -> Act | None:
    def do() -> None:
        orders.change_quantity(order.id, line.pk, quantity)
        _tell(world, partial(hooks.order_changed, order.id))

    order = _order(world, OrderStatus.UNCONFIRMED, OrderStatus.UNFULFILLED)
    if order is None:
        return None
    line = world.random.choice(list(order.lines.order_by("created_at", "pk")))
    quantity = world.random.randint(1, 4)
    return Act(f"staff make #{order.number} {quantity} of {line.sku}", do)


@share(2)
def discount(world: World) -> Act | None:
    def do() -> None:
        orders.discount(order.id, Decimal(amount))
        _tell(world, partial(hooks.order_changed, order.id))

    order = _order(world, OrderStatus.UNCONFIRMED)
    amount = world.random.choice((5, 5, 1000))
    return order and Act(f"staff take {amount} off #{order.number}", do)


@share(1)
def mark_paid_in_shop(world: World) -> Act | None:
    def do() -> None:
        payments.mark_as_paid(order.id, "cash", None)
        _tell(world, partial(hooks.order_changed, order.id))

    order = _order(world, OrderStatus.UNCONFIRMED, OrderStatus.UNFULFILLED)
    return order and Act(f"staff mark #{order.number} paid in the shop", do)


@share(1)
def cancel(world: World) -> Act | None:
    def do() -> None:
        orders.cancel_by_hand(order.id, None)
        _tell(world, partial(hooks.order_changed, order.id))

    order = _order(world, OrderStatus.UNCONFIRMED, OrderStatus.UNFULFILLED)
    return order and Act(f"staff cancel #{order.number} in the shop", do)


@share(1)
def confirm(world: World) -> Act | None:
    def do() -> None:
        _ask(order.id)
        world.confirmed_by_hand.add(order.id)
        orders.confirm_by_hand(order.id, None)
        _tell(world, partial(hooks.order_changed, order.id))

    order = _order(world, OrderStatus.UNCONFIRMED)
    return order and Act(f"staff confirm #{order.number}", do)


@share(1)
def fulfill(world: World) -> Act | None:
    def do() -> None:
        _ask(order.id)
        world.confirmed_by_hand.add(order.id)
        orders.fulfill(order.id, quantities, None)
        _tell(world, partial(hooks.order_changed, order.id))

    order = _order(world, OrderStatus.UNCONFIRMED, OrderStatus.UNFULFILLED)
    quantities = {line.pk: line.allocated for line in order.lines.all()} if order else {}
    return order and Act(f"staff fulfil #{order.number}", do)


def _ask(order_id: UUID) -> None:
    """As the shop's own mutations ask before they confirm or fulfil."""
    reason = hooks.refusal(order_id)
    if reason is not None:
        raise ValidationError("The order waits for its payment.")


# Customers


@share(2)
def look(world: World) -> Act | None:
    link = _link(world)
    return link and Act(f"the customer looks at {_name(link)}", lambda: _look(world, link))


def _look(world: World, link: PaymentLink) -> str:
    view = reading.payment_request(_token(link))
    if view is None:
        return "nothing"
    world.pages[link.pk] = view
    return f"{view.status}: {view.amount_due.amount} due"


def _token(link: PaymentLink) -> str:
    token = tokens.token_of(link)
    assert token is not None
    return token


@share(24)
def click_pay(world: World) -> Act | None:
    def do() -> str:
        if looks:
            _look(world, link)
        page = world.pages.get(link.pk)
        url = paying.begin(_token(link), f"stripe:{kind}", page.revision if page else "")
        session = url.rsplit("/", 1)[1]
        world.tabs.append((order.number, session))
        _compare(world, page, kind, session)
        return session[-4:]

    link = _link(world)
    if link is None:
        return None
    order = Order.objects.select_related("channel").get(id=link.order_id)
    kind = world.random.choice(order.channel.plugin_values["stripe-methods"].split())
    looks = world.random.random() < LOOKS_FIRST
    return Act(f"the customer clicks Pay by {kind} on {_name(link)}", do)


def _compare(world: World, page: PaymentRequestView | None, kind: str, session_id: str) -> None:
    """The provider asks for what the customer saw, and by the method of their choice."""
    session, _lines = world.simulator.session(session_id)
    asked = from_units(session["amount_subtotal"], session["currency"])
    if page is None or asked != page.amount_due or session["payment_method_types"] != [kind]:
        seen = page and page.amount_due
        world.complain(f"a page asks for {asked}, seen was {seen}")


@share(30)
def pay(world: World) -> Act | None:
    """In one of the tabs that are open; its page may be over by now."""
    tabs = [tab for tab in world.tabs if tab not in world.dead_tabs]
    if not tabs:
        return None
    number, session = tab = world.random.choice(tabs)
    if world.simulator.session(session)[0]["status"] != "open":
        world.dead_tabs.add(tab)
    does, act = _way_to_pay(world, session)
    told = f"the customer of #{number} {does} in session {session[-4:]}"
    return Act(told, lambda: _done(act(session)))


def _way_to_pay(world: World, session: str) -> tuple[str, Callable[[str], object]]:
    (kind,) = world.simulator.session(session)[0]["payment_method_types"]
    if kind in DELAYED:
        return "pays by a slow method", world.simulator.pay_later
    chance = world.random.random()
    if chance < WRONG_AMOUNT:
        return "pays another amount", lambda session: world.simulator.pay(session, amount=5000)
    if chance < MOSTLY:
        return "pays", world.simulator.pay
    return "is declined", world.simulator.decline


@share(6)
def come_back(world: World) -> Act | None:
    link = _link(world)
    attempts = list(link.attempts.order_by("created_at")) if link else []
    if not attempts:
        return None
    attempt = attempts[-1]
    return Act(
        f"the customer comes back to {_name(link)}",
        lambda: settlement.settle_for_visitor(link, str(attempt.id)).status,
    )


# Banks, and the merchant in Stripe's Dashboard


@share(8)
def slow_money(world: World) -> Act | None:
    outcome = world.random.choice(("succeeded", "failed"))
    late = world.sessions_processing()
    if not late:
        return None
    session = world.random.choice(late)
    return Act(
        f"the slow payment in session {session[-4:]} has {outcome}",
        lambda: _done(world.simulator.complete_later(session, outcome)),
    )


@share(3)
def refund(world: World) -> Act | None:
    part = world.random.choice((None, 100))
    return _on_payment(
        world, f"the merchant refunds {part or 'all'} of", world.simulator.refund, part
    )


@share(1)
def refund_comes_back(world: World) -> Act | None:
    refunds = [each["id"] for each in world.listed("refunds") if each["status"] == "succeeded"]
    if not refunds:
        return None
    id = world.random.choice(refunds)
    return Act(f"refund {id[-4:]} comes back", lambda: _done(world.simulator.fail_refund(id)))


@share(1)
def dispute(world: World) -> Act | None:
    return _on_payment(world, "the bank disputes", world.simulator.dispute)


@share(1)
def dispute_ends(world: World) -> Act | None:
    disputes = [each for each in world.listed("disputes") if each["status"] == "needs_response"]
    if not disputes:
        return None
    outcome = world.random.choice(("won", "lost"))
    intent = world.random.choice(disputes)["payment_intent"]
    return Act(
        f"the dispute of payment {intent[-4:]} is {outcome}",
        lambda: _done(world.simulator.close_dispute(intent, outcome)),
    )


def _on_payment(
    world: World, does: str, act: Callable[..., object], *args: int | None
) -> Act | None:
    paid = [each for each in world.simulator.sessions() if each["payment_status"] == "paid"]
    if not paid:
        return None
    session = world.random.choice(paid)
    return Act(
        f"{does} the payment of session {session['id'][-4:]}",
        lambda: _done(act(session["payment_intent"], *args)),
    )


@share(1)
def session_closed_at_stripe(world: World) -> Act | None:
    sessions = [each["id"] for each in world.simulator.sessions() if each["status"] == "open"]
    if not sessions:
        return None
    session = world.random.choice(sessions)
    return Act(
        f"the merchant closes session {session[-4:]} at Stripe",
        lambda: _done(world.simulator.expire(session)),
    )


# The post


@share(24)
def webhook_arrives(world: World) -> Act | None:
    letter = _letter(world)
    return letter and Act(f"{_subject(letter)} arrives", lambda: deliver(world, letter))


@share(4)
def webhook_arrives_twice(world: World) -> Act | None:
    letter = _letter(world)
    return letter and Act(
        f"{_subject(letter)} arrives, not for the last time", lambda: _hand_over(world, letter)
    )


@share(6)
def webhook_is_lost(world: World) -> Act | None:
    letter = _letter(world)
    return letter and Act(f"{_subject(letter)} is lost", lambda: world.mailbag.remove(letter))


def _letter(world: World) -> Delivery | None:
    return world.random.choice(world.mailbag) if world.mailbag else None


def _subject(letter: Delivery) -> str:
    about = letter.event["data"]["object"]["id"][-4:]
    return f"{letter.event['id'][-4:]}, {letter.event['type']} of {about},"


def deliver(world: World, letter: Delivery) -> None:
    """Hand a webhook over. It stays on its way until it is taken, for Stripe sends it again."""
    _hand_over(world, letter)
    if letter in world.mailbag:
        world.mailbag.remove(letter)
        world.simulator.record_delivery(letter, 200)


def _hand_over(world: World, letter: Delivery) -> None:
    body = letter.payload()
    signed = signature(body, letter.endpoint.secret, world.simulator.clock.wall())
    webhooks.receive("stripe", ENDPOINT, {"Stripe-Signature": signed}, body)
    world.taken[letter.event["id"]] = letter.event


# Workers


@share(40)
def task_runs(world: World) -> Act | None:
    message = _message(world)
    return message and Act(f"a worker runs {_told(message)}", lambda: run_task(world, message))


@share(3)
def task_runs_twice(world: World) -> Act | None:
    message = _message(world)
    return message and Act(
        f"a worker runs {_told(message)}, not for the last time",
        lambda: world.broker.run(*message),
    )


@share(3)
def task_is_lost(world: World) -> Act | None:
    message = _message(world)
    return message and Act(
        f"the broker loses {_told(message)}", lambda: world.broker.waiting.remove(message)
    )


def _message(world: World) -> Message | None:
    return world.random.choice(world.broker.waiting) if world.broker.waiting else None


def _told(message: Message) -> str:
    task, args = message
    return f"{task.removeprefix('saleor_paylink.')}{args}"


def run_task(world: World, message: Message) -> None:
    """Once a worker has taken a message, it is gone, even if the worker dies."""
    if message in world.broker.waiting:
        world.broker.waiting.remove(message)
        world.broker.run(*message)


@share(4)
def sweep(world: World) -> Act:
    return Act("the sweeper goes round", lambda: world.broker.run(jobs.SWEEP, []))


@share(1)
def expire_orders(world: World) -> Act:
    return Act("the shop expires orders", scheduler.expire_orders)


# Time and weather


@share(7)
def time_passes(world: World) -> Act:
    pause = world.random.choice(PAUSES)
    return Act(f"{timedelta(seconds=pause)} pass", lambda: world.time.sleep(pause))


@share(2)
def weather_changes(world: World) -> Act:
    storm = world.random.choice(STORMS)
    return Act(
        f"of the provider's answers {storm:.0%} fail", lambda: setattr(world.faults, "storm", storm)
    )
