"""The earnings of a whole shop, reckoned by hand: all ways in which money comes and goes in Saleor,
by its own mutations, in two channels with two currencies, on the days around the end of a month
and the beginning of summer time in the site's time zone.

In Berlin the clocks went forward on Sunday, 2025-03-30: that day ended at 22:00 UTC, and the one
before at 23:00 UTC. What came over links came today, because Stripe's simulator dates it.

    USD, default-channel        gross    refunded  disputed  by hand
    Sat 29  app charged         30.00
            imported order                                    20.00
    Sun 30  older gateway       12.50
            app gave back                 10.00
    Mon 31  app gave back, and
            that came back                 4.00 - 4.00
            gateway gave back              2.50
            marked as paid                                    30.00
    Tue 1   bank took back                           6.00
            of the marked one                                 -5.00
            Dashboard's refund                                -3.00
    in all                      42.50     12.50      6.00     42.00   in 2 payments, 2 by hand
    today   over a link         30.00     10.00      fee 0.70

    EUR, channel-eur            gross    refunded            by hand
    Sat 29  marked as paid                                    12.50
    Sun 30  checkout            30.00
            at the counter                                    12.50
    Mon 31  app states          30.00
            counter, lowered                                  -2.50
    Tue 1   app states less    -12.00
            and that it is given
            back                12.00     12.00
            marked over a link                                30.00
    in all                      60.00     12.00               52.50   in 2 payments, 3 by hand
    today   over a link         30.00                fee 0.70
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import graphene
import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from saleor.app.models import App
from saleor.core.db.connection import allow_writer
from saleor.order.models import Order
from saleor.payment.models import TransactionEvent
from saleor.permission.enums import get_permissions_from_names
from saleor.product.models import ProductVariant
from saleor.tax.models import TaxClass
from saleor.warehouse.models import Warehouse

from saleor_paylink.earnings import rollups
from saleor_paylink.links import taking
from saleor_paylink.links.lifecycle import mark_paid
from saleor_paylink.models import LedgerEntry
from sandbox.clock import put_forward
from tests.saleor.client import Api
from tests.saleor.customer import pay
from tests.saleor.orders import completed, global_id, items, link_of
from tests.saleor.populate import ADDRESS
from tests.saleor.receiver import Receiver, receiving
from tests.saleor.takers import CREATE, REFUND, UPDATE, PaymentApp, figures, mark_as_paid

# The older gateway that Saleor itself brings, up to 3.23.
pytest.importorskip("saleor.payment.gateways.dummy")

STRIPE_APP, CHECKOUT_APP = "saleor.app.payment.stripe.proof", "saleor.app.payment.checkouts.proof"
INITIALIZE = "transaction_initialize_session"
EARNINGS = """query(
    $range: DateRangeInput!, $channel: String, $by: PaymentEarningsGranularityEnum!
) {
    paymentEarnings(range: $range, channel: $channel, granularity: $by) {
        currency gross { amount } refunded { amount } disputed { amount } fees { amount }
        net { amount } paymentCount manual { gross { amount } count }
        series { start gross { amount } refunded { amount } net { amount } manual { amount } }
    }
}"""
CHECKOUT_CREATE = """mutation($input: CheckoutCreateInput!) {
    checkoutCreate(input: $input) { checkout { id } errors { field message code } }
}"""
CHECKOUT_PAY = """mutation($id: ID!, $input: PaymentInput!) {
    checkoutPaymentCreate(id: $id, input: $input) { errors { field message code } }
}"""
CHECKOUT_COMPLETE = """mutation($id: ID!) {
    checkoutComplete(id: $id) { order { id } errors { field message code } }
}"""
TRANSACTION_INITIALIZE = """mutation($id: ID!, $app: String!) {
    transactionInitialize(id: $id, paymentGateway: {id: $app}) {
        transactionEvent { type } errors { field message code }
    }
}"""
BULK_CREATE = """mutation($order: OrderBulkCreateInput!) {
    orderBulkCreate(orders: [$order], stockUpdatePolicy: SKIP) {
        results { order { id } errors { path message code } } errors { path message code }
    }
}"""
REQUEST_REFUND = """mutation($id: ID!, $amount: PositiveDecimal!) {
    transactionRequestAction(id: $id, actionType: REFUND, amount: $amount) {
        errors { field message code }
    }
}"""
THOSE_DAYS = {"gte": "2025-03-01", "lte": "2025-04-30"}
NOTHING = dict.fromkeys(
    ("gross", "refunded", "disputed", "fees", "net", "payments", "manual", "by hand"), Decimal(0)
)
IN_USD = {
    "gross": Decimal("42.50"),  # 30.00 + 12.50
    "refunded": Decimal("12.50"),  # 10.00 + 4.00 - 4.00 + 2.50
    "disputed": Decimal("6.00"),
    "fees": Decimal(0),
    "net": Decimal("24.00"),  # 42.50 - 12.50 - 6.00
    "payments": Decimal(2),
    "manual": Decimal("42.00"),  # 20.00 + 30.00 - 5.00 - 3.00
    "by hand": Decimal(2),
}
IN_EUR = {
    "gross": Decimal("60.00"),  # 30.00 + 30.00 - 12.00 + 12.00
    "refunded": Decimal("12.00"),
    "disputed": Decimal(0),
    "fees": Decimal(0),
    "net": Decimal("48.00"),  # 60.00 - 12.00
    "payments": Decimal(2),
    "manual": Decimal("52.50"),  # 12.50 + 12.50 - 2.50 + 30.00
    "by hand": Decimal(3),
}


@contextmanager
def at(moment: str) -> Iterator[None]:
    """What Saleor dates by itself it dates with that moment, in UTC."""
    then = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    put_forward(int((then - datetime.now(UTC)).total_seconds()))
    try:
        yield
    finally:
        put_forward(0)


def utc(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


@contextmanager
def in_berlin() -> Iterator[None]:
    """The site's time zone. The sums of the days are made anew for it, and afterwards again."""
    with override_settings(TIME_ZONE="Europe/Berlin"):
        rollups.fold()
        yield
    rollups.fold()


@dataclass
class Shop:
    """The shop after all of it: its orders by their numbers, and what the earnings of open ranges
    were before."""

    admin: Api
    orders: list[Order]
    before: dict[str, dict[str, dict[str, Decimal]]]

    def earned(self, channel: str | None, **days: str) -> dict[str, dict[str, Decimal]]:
        return earned(self.admin, channel, **days)

    def gained(self, channel: str | None, **days: str) -> dict[str, dict[str, Decimal]]:
        """What was earned since before."""
        then = self.before[f"{channel} {days}"]
        return {
            currency: {
                name: figure - then.get(currency, NOTHING)[name] for name, figure in now.items()
            }
            for currency, now in self.earned(channel, **days).items()
        }

    def series(self, channel: str, by: str) -> list[tuple[str, str, str, str, str]]:
        """Of those periods in which something moved: gross, refunded, net and manual."""
        (row,) = asked(self.admin, channel, by, **THOSE_DAYS)
        found = [
            (
                point["start"],
                *(
                    f"{point[name]['amount']:.2f}"
                    for name in ("gross", "refunded", "net", "manual")
                ),
            )
            for point in row["series"]
        ]
        return [each for each in found if set(each[1:]) != {"0.00"}]


def asked(admin: Api, channel: str | None, by: str = "MONTH", **days: str) -> list[Any]:
    answer = admin.ask(EARNINGS, range=days, channel=channel, by=by)
    assert "errors" not in answer, answer["errors"]
    return list(answer["data"]["paymentEarnings"])


def earned(admin: Api, channel: str | None, **days: str) -> dict[str, dict[str, Decimal]]:
    return {row["currency"]: sums(row) for row in asked(admin, channel, **days)}


def sums(row: dict[str, Any]) -> dict[str, Decimal]:
    return {
        **{
            name: Decimal(str(row[name]["amount"]))
            for name in ("gross", "refunded", "disputed", "fees", "net")
        },
        "payments": Decimal(row["paymentCount"]),
        "manual": Decimal(str(row["manual"]["gross"]["amount"])),
        "by hand": Decimal(row["manual"]["count"]),
    }


OPEN = [
    (channel, days)
    for channel in (None, "default-channel", "channel-eur")
    for days in ({"lte": "2025-04-30"}, {"gte": "2025-03-01"})
]


@pytest.fixture(scope="module")
def sold(shop: None) -> Iterator[Shop]:
    with allow_writer(), in_berlin(), receiving() as receiver:
        admin = Api("admin")
        # As the sweeper does before: what comes now is found by itself.
        taking.catch_up()
        call_command("paylink_ledger", "import")
        before = {f"{channel} {days}": earned(admin, channel, **days) for channel, days in OPEN}
        orders = [*sold_for_dollars(admin), *sold_for_euros(receiver)]
        taking.catch_up()
        yield Shop(admin, orders, before)
        App.objects.filter(identifier=STRIPE_APP).delete()


def sold_for_dollars(admin: Api) -> Iterator[Order]:
    app = App.objects.create(name="Stripe", identifier=STRIPE_APP, is_active=True)
    app.permissions.set(get_permissions_from_names(["HANDLE_PAYMENTS", "MANAGE_ORDERS"]))
    yield reported_by_app(PaymentApp(app))
    yield paid_by_older_gateway(admin)
    yield marked_in_payment_flow(admin)
    yield imported_order(admin)
    yield paid_over_link(admin)


def reported_by_app(app: PaymentApp) -> Order:
    order = completed()
    item = app.open(order)
    app.report(item, "AUTHORIZATION_SUCCESS", "30", "au_p1", utc("2025-03-29 22:59:00"))
    app.report(item, "CHARGE_REQUEST", "30", "pi_p1", utc("2025-03-29 22:59:58"))
    app.report(item, "CHARGE_SUCCESS", "30", "pi_p1", utc("2025-03-29 22:59:59"))
    again = app.report(item, "CHARGE_SUCCESS", "30", "pi_p1", utc("2025-03-31 12:00:00"))
    assert again["alreadyProcessed"]
    app.report(item, "REFUND_REQUEST", "10", "re_p1", utc("2025-03-29 23:30:00"))
    app.report(item, "REFUND_SUCCESS", "10", "re_p1", utc("2025-03-30 21:59:59"))
    app.report(item, "REFUND_SUCCESS", "4", "re_p2", utc("2025-03-30 22:00:00"))
    app.report(item, "REFUND_REVERSE", "4", "re_p2", utc("2025-03-31 21:59:59"))
    app.report(item, "CHARGE_BACK", "6", "dp_p1", utc("2025-03-31 22:00:00"))
    with at("2025-04-01 10:00:00"):
        figure = figures("USD", amountRefunded="3")
        Api("cashier").do(CREATE, id=global_id(order), transaction={"name": "Refund", **figure})
    return order


def variant_id(sku: str) -> str:
    variant = ProductVariant.objects.get(sku=sku)
    return str(graphene.Node.to_global_id("ProductVariant", variant.pk))


def basket(channel: str, sku: str) -> str:
    line = {"quantity": 1, "variantId": variant_id(sku)}
    given = {"channel": channel, "email": "buyer@example.com", "lines": [line]}
    made = Api(None).do(CHECKOUT_CREATE, input={**given, "billingAddress": ADDRESS})
    return str(made["checkout"]["id"])


def complete(checkout: str) -> Order:
    return order_of(Api(None).do(CHECKOUT_COMPLETE, id=checkout))


def order_of(answer: dict[str, Any]) -> Order:
    return Order.objects.get(pk=graphene.Node.from_global_id(answer["order"]["id"])[1])


def paid_by_older_gateway(admin: Api) -> Order:
    with at("2025-03-30 00:30:00"):
        checkout = basket("default-channel", "MUG")
        paid = {"gateway": "mirumee.payments.dummy", "token": "tok_proof", "amount": "12.50"}
        Api(None).do(CHECKOUT_PAY, id=checkout, input=paid)
        order = complete(checkout)
    with at("2025-03-31 10:00:00"):
        admin.do(REFUND, id=global_id(order), amount="2.50")
    return order


def marked_in_payment_flow(admin: Api) -> Order:
    order = completed()
    with at("2025-03-31 21:50:00"):
        mark_as_paid(order, "payment_flow")
    with at("2025-04-01 10:00:00"):
        admin.do(REFUND, id=global_id(order), amount="5")
    return order


def imported_order(admin: Api) -> Order:
    price = {"gross": "30", "net": "30"}
    line = {
        "variantId": variant_id("PLATE"),
        "createdAt": "2025-03-29T11:00:00Z",
        "isShippingRequired": False,
        "isGiftCard": False,
        "quantity": 1,
        "totalPrice": price,
        "undiscountedTotalPrice": price,
        "taxClassId": graphene.Node.to_global_id("TaxClass", TaxClass.objects.create().pk),
        "warehouse": graphene.Node.to_global_id(
            "Warehouse", Warehouse.objects.get(name="Cellar").pk
        ),
    }
    stated = {"name": "Old shop", **figures("USD", amountCharged="20", amountRefunded="8")}
    with at("2025-03-29 11:00:00"):
        made = admin.do(
            BULK_CREATE,
            order={
                "channel": "default-channel",
                "createdAt": "2025-03-29T11:00:00Z",
                "status": "UNFULFILLED",
                "user": {"email": "buyer@example.com"},
                "billingAddress": ADDRESS,
                "currency": "USD",
                "languageCode": "EN",
                "lines": [line],
                "transactions": [stated],
            },
        )
    (result,) = made["results"]
    assert not result["errors"], result["errors"]
    return order_of(result)


def paid_over_link(admin: Api) -> Order:
    order = completed()
    pay(link_of(order))
    (item,) = items(order)
    item_id = graphene.Node.to_global_id("TransactionItem", item.token)
    admin.do(REQUEST_REFUND, id=item_id, amount="10")
    return order


def sold_for_euros(receiver: Receiver) -> Iterator[Order]:
    yield paid_at_checkout(receiver)
    app = App.objects.get(identifier=STRIPE_APP)
    yield stated_by_app(PaymentApp(app, "EUR"))
    yield marked_in_transaction_flow()
    yield written_down_by_staff()
    yield marked_by_paylink()
    order = completed("channel-eur")
    pay(link_of(order))
    yield order


def paid_at_checkout(receiver: Receiver) -> Order:
    receiver.subscribe(INITIALIZE, None, "HANDLE_PAYMENTS", identifier=CHECKOUT_APP)
    receiver.answers[INITIALIZE] = {
        "pspReference": "pi_p2",
        "result": "CHARGE_SUCCESS",
        "amount": "30",
    }
    with at("2025-03-30 01:30:00"):
        checkout = basket("channel-eur", "PLATE")
        event = Api(None).do(TRANSACTION_INITIALIZE, id=checkout, app=CHECKOUT_APP)
        assert event["transactionEvent"]["type"] == "CHARGE_SUCCESS"
        return complete(checkout)


def stated_by_app(app: PaymentApp) -> Order:
    order = completed("channel-eur")
    with at("2025-03-30 22:30:00"):
        item = app.open(order, amountCharged="30")
    with at("2025-03-31 22:30:00"):
        app.update(item, amountCharged="18", amountRefunded="12")
    return order


def marked_in_transaction_flow() -> Order:
    order = completed("channel-eur", "MUG")
    with at("2025-03-29 11:00:00"):
        mark_as_paid(order, "transaction_flow")
    return order


def written_down_by_staff() -> Order:
    order, cashier = completed("channel-eur", "MUG"), Api("cashier")
    with at("2025-03-30 10:00:00"):
        figure = {"name": "At the counter", **figures("EUR", amountCharged="12.50")}
        made = cashier.do(CREATE, id=global_id(order), transaction=figure)
    with at("2025-03-31 10:00:00"):
        lower = figures("EUR", amountCharged="10")
        cashier.do(UPDATE, id=made["transaction"]["id"], transaction=lower)
    return order


def marked_by_paylink() -> Order:
    order = completed("channel-eur")
    link_of(order)
    with at("2025-04-01 10:00:00"):
        mark_paid(order.pk, None)
    return order


def test_all_of_it_in_those_days(sold: Shop) -> None:
    assert sold.earned(None, **THOSE_DAYS) == {"EUR": IN_EUR, "USD": IN_USD}


def test_each_channel_by_itself(sold: Shop) -> None:
    assert sold.earned("default-channel", **THOSE_DAYS) == {"USD": IN_USD}
    assert sold.earned("channel-eur", **THOSE_DAYS) == {"EUR": IN_EUR}
    assert sold.earned("channel-jpy", **THOSE_DAYS) == {}


@pytest.mark.parametrize("channel", [None, "default-channel"])
def test_ranges_without_a_beginning_and_without_an_end(sold: Shop, channel: str | None) -> None:
    over_a_link = {
        "gross": Decimal("72.50"),  # 42.50 + 30.00
        "refunded": Decimal("22.50"),  # 12.50 + 10.00
        "fees": Decimal("0.70"),
        "net": Decimal("43.30"),  # 24.00 + 30.00 - 10.00 - 0.70
        "payments": Decimal(3),
    }
    assert sold.gained(channel, lte="2025-04-30")["USD"] == IN_USD
    assert sold.gained(channel, gte="2025-03-01")["USD"] == {**IN_USD, **over_a_link}


def test_the_other_currency_in_ranges_without_a_beginning_and_without_an_end(sold: Shop) -> None:
    over_a_link = {
        "gross": Decimal("90.00"),  # 60.00 + 30.00
        "fees": Decimal("0.70"),
        "net": Decimal("77.30"),  # 48.00 + 30.00 - 0.70
        "payments": Decimal(3),
    }
    assert sold.gained("channel-eur", lte="2025-04-30") == {"EUR": IN_EUR}
    assert sold.gained("channel-eur", gte="2025-03-01") == {"EUR": {**IN_EUR, **over_a_link}}


@pytest.mark.parametrize(
    ("by", "dollars", "euros"),
    [
        (
            "DAY",
            [
                ("2025-03-29", "30.00", "0.00", "30.00", "20.00"),
                ("2025-03-30", "12.50", "10.00", "2.50", "0.00"),
                ("2025-03-31", "0.00", "2.50", "-2.50", "30.00"),
                ("2025-04-01", "0.00", "0.00", "-6.00", "-8.00"),
            ],
            [
                ("2025-03-29", "0.00", "0.00", "0.00", "12.50"),
                ("2025-03-30", "30.00", "0.00", "30.00", "12.50"),
                ("2025-03-31", "30.00", "0.00", "30.00", "-2.50"),
                ("2025-04-01", "0.00", "12.00", "-12.00", "30.00"),
            ],
        ),
        (
            # Saturday and Sunday; Monday and Tuesday.
            "WEEK",
            [
                ("2025-03-24", "42.50", "10.00", "32.50", "20.00"),
                ("2025-03-31", "0.00", "2.50", "-8.50", "22.00"),
            ],
            [
                ("2025-03-24", "30.00", "0.00", "30.00", "25.00"),
                ("2025-03-31", "30.00", "12.00", "18.00", "27.50"),
            ],
        ),
        (
            # Saturday, Sunday and Monday; Tuesday.
            "MONTH",
            [
                ("2025-03-01", "42.50", "12.50", "30.00", "50.00"),
                ("2025-04-01", "0.00", "0.00", "-6.00", "-8.00"),
            ],
            [
                ("2025-03-01", "60.00", "0.00", "60.00", "22.50"),
                ("2025-04-01", "0.00", "12.00", "-12.00", "30.00"),
            ],
        ),
    ],
)
def test_by_days_weeks_and_months(
    sold: Shop, by: str, dollars: list[tuple[str, ...]], euros: list[tuple[str, ...]]
) -> None:
    assert sold.series("default-channel", by) == dollars
    assert sold.series("channel-eur", by) == euros


def test_a_range_includes_its_first_and_its_last_day(sold: Shop) -> None:
    (usd,) = sold.earned("default-channel", gte="2025-03-30", lte="2025-03-31").values()
    assert (usd["gross"], usd["refunded"], usd["manual"]) == (
        Decimal("12.50"),
        Decimal("12.50"),  # 10.00 + 4.00 - 4.00 + 2.50
        Decimal("30.00"),
    )


def test_nothing_differs_from_what_saleor_says(sold: Shop) -> None:
    """But for the Dashboard's refund, which Saleor does not take off."""
    out = StringIO()
    # Orders of other tests differ on purpose.
    with suppress(CommandError):
        call_command("paylink_ledger", "verify", stdout=out)

    numbers = tuple(f"order {order.number}{mark}" for order in sold.orders for mark in (":", ","))
    refund = TransactionEvent.objects.get(
        transaction__order=sold.orders[0], type="refund_success", amount_value=3
    )
    assert len(sold.orders) == 11
    assert [line for line in out.getvalue().splitlines() if line.startswith(numbers)] == [
        f"order {sold.orders[0].number}, explained: Given back, and the shop does not take it off "
        f"what it says was charged: event:{refund.pk} (manual_returned $3.00)."
    ]
    assert "the sum is" not in out.getvalue()


def test_automated_manual_and_refunded_are_what_saleor_says_was_charged(sold: Shop) -> None:
    """The Dashboard's refund of 3.00 is the only one that Saleor does not take off."""
    ids = [order.pk for order in sold.orders]
    charged = {
        number: f"{amount:.2f}"
        for number, amount in Order.objects.filter(pk__in=ids).values_list(
            "number", "total_charged_amount"
        )
    }

    assert [charged[order.number] for order in sold.orders] == [
        "14.00",  # 30.00 - 10.00 - 4.00 + 4.00 - 6.00
        "10.00",  # 12.50 - 2.50
        "25.00",  # 30.00 - 5.00
        "20.00",
        "20.00",  # 30.00 - 10.00
        "30.00",
        "18.00",  # 30.00 - 12.00
        "12.50",
        "10.00",  # 12.50 - 2.50
        "30.00",
        "30.00",
    ]


def test_making_the_sums_anew_and_importing_again_changes_nothing(sold: Shop) -> None:
    figures_then = [sold.earned(channel, **days) for channel, days in OPEN]
    entries = LedgerEntry.objects.count()

    call_command("paylink_ledger", "rebuild")
    call_command("paylink_ledger", "import")
    taking.catch_up()

    assert [sold.earned(channel, **days) for channel, days in OPEN] == figures_then
    assert LedgerEntry.objects.count() == entries
