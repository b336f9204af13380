"""Customers look, click Pay, pay in the tabs that are open, come back, and ask for fresh links."""

from collections.abc import Callable

from saleor_paylink.links import bearer, paying, renewal, settlement, visits
from saleor_paylink.links.bearer import PaymentRequestView
from saleor_paylink.links.errors import LinkError
from saleor_paylink.models import LinkStatus, PaymentLink
from saleor_paylink.providers.stripe.amounts import from_units
from sandbox.shop.models import Channel
from sandbox.stripe.checkout import DELAYED
from tests.faults.choosing import share
from tests.faults.picking import MOSTLY, link_of, name_of, token_of
from tests.faults.world import SUFFIX, Act, Tab, World

LOOKS_FIRST = 0.7
WRONG_AMOUNT = 0.1


@share(2)
def look(world: World) -> Act | None:
    link = link_of(world)
    return link and Act(f"the customer looks at {name_of(link)}", lambda: _visit(world, link))


def _visit(world: World, link: PaymentLink) -> str:
    """The page reports that it is looked at, whatever it shows."""
    shown = _look(world, link)
    visits.seen(token_of(link), link.channel)
    return shown


def _look(world: World, link: PaymentLink) -> str:
    view = bearer.payment_request(token_of(link))
    if view is None:
        return "nothing"
    world.pages[link.pk] = view
    return f"{view.status}: {view.amount_due.amount} due"


@share(24)
def click_pay(world: World) -> Act | None:
    def do() -> str:
        if looks:
            _look(world, link)
        page = world.pages.get(link.pk)
        session = _begin(token_of(link), kind, page)
        world.tabs.append(Tab(session, link.pk))
        _compare(world, page, kind, session)
        return session[-4:]

    link = link_of(world)
    if link is None:
        return None
    kind = _kind(world, link)
    looks = world.random.random() < LOOKS_FIRST
    return Act(f"the customer clicks Pay by {kind} on {name_of(link)}", do)


def _kind(world: World, link: PaymentLink) -> str:
    # A channel may have another name by now than its links.
    channel = Channel.objects.get(slug__startswith=link.channel.removesuffix(SUFFIX))
    return str(world.random.choice(channel.plugin_values["stripe-methods"].split()))


def _begin(token: str, kind: str, page: PaymentRequestView | None) -> str:
    """The session that a click on Pay leads to."""
    url = paying.begin(token, f"stripe:{kind}", page.revision if page else "")
    return url.rsplit("/", 1)[1]


def _compare(world: World, page: PaymentRequestView | None, kind: str, session_id: str) -> None:
    """The provider asks for what the customer saw, and by the method of their choice."""
    session, _lines = world.simulator.session(session_id)
    asked = from_units(session["amount_subtotal"], session["currency"])
    if page is None or asked != page.amount_due or session["payment_method_types"] != [kind]:
        seen = page and page.amount_due
        world.complain(f"a page asks for {asked}, seen was {seen}")


@share(2)
def open_old_url(world: World) -> Act | None:
    """It shows nothing and leads nowhere, once the link has got another."""

    def do() -> str:
        link.refresh_from_db()
        if token == token_of(link):
            return "it is not old"
        if bearer.payment_request(token) is not None:
            world.complain(f"an old URL of {name_of(link)} shows a page")
        try:
            session = _begin(token, kind, world.pages.get(link.pk))
        except LinkError as refusal:
            return f"nothing: {refusal.code}"
        world.complain(f"an old URL of {name_of(link)} leads to session {session}")
        return session

    if not world.old_tokens:
        return None
    token, link = world.random.choice(world.old_tokens)
    kind = _kind(world, link)
    return Act(f"somebody opens an old URL of {name_of(link)}", do)


@share(4)
def renew(world: World) -> Act | None:
    link = link_of(world, [LinkStatus.EXPIRED])
    return link and Act(
        f"the customer asks for another than {name_of(link)}",
        lambda: renewal.renew(token_of(link)),
        "renewals asked for",
    )


@share(30)
def pay(world: World) -> Act | None:
    """In one of the tabs that are open; its page may be over by now."""

    def do() -> None:
        act(tab.session)
        if world.random.random() < MOSTLY:
            world.dead_tabs.add(tab)

    tabs = [tab for tab in world.tabs if tab not in world.dead_tabs]
    if not tabs:
        return None
    tab = world.random.choice(tabs)
    session, _lines = world.simulator.session(tab.session)
    if session["status"] != "open":
        world.dead_tabs.add(tab)
    (kind,) = session["payment_method_types"]
    does, act = _way_to_pay(world, kind)
    return Act(f"a customer {does} in session {tab.session[-4:]}", do)


def _way_to_pay(world: World, kind: str) -> tuple[str, Callable[[str], object]]:
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
    link = link_of(world)
    attempt = link.attempts.order_by("-created_at").first() if link else None
    if link is None or attempt is None:
        return None
    return Act(
        f"the customer comes back to {name_of(link)}",
        lambda: settlement.settle_for_visitor(link, str(attempt.id)).status,
    )
