"""Plays the whole road of saleor-paylink in the terminal, against a shop that it starts.

Each step is told with its URL and with what came back; the first that is not as it should be
ends the demo with status 1. Attached to a terminal it then keeps serving, until Ctrl-C.
"""

import argparse
import sys
import threading
from dataclasses import dataclass, field
from typing import Any

from requests import RequestException

from sandbox.client.customer import Browser, Page
from sandbox.client.graphql import Denied, Json, Refused
from sandbox.client.mails import Mails
from sandbox.client.staff import Staff
from sandbox.client.starting import MODULES, running
from sandbox.stage import Stage
from sandbox.stripe.client import SimulatorClient

CUSTOMER = "ada@example.com"
TWO_MUGS = {"MUG": 2}


class Broken(Exception):
    """A step did not come out as it should."""


@dataclass
class Story:
    """Tells the steps to whoever watches, and stops where one is not as it should be."""

    steps: int = field(default=0)

    def scene(self, title: str) -> None:
        print(f"\n== {title}\n")

    def step(self, sentence: str, where: str, *answers: str) -> None:
        self.steps += 1
        print(f"{self.steps:3}. {sentence}")
        print(f"     {where}")
        for answer in answers:
            print(f"     -> {answer}")
        print(flush=True)

    def expect(self, what: str, found: Any, wanted: Any) -> None:
        """Raises Broken."""
        if found != wanted:
            raise Broken(f"{what} should be {wanted!r} and is {found!r}.")


class Road:
    """The people on the stage, and the steps they take."""

    def __init__(self, stage: Stage, story: Story) -> None:
        self.stage = stage
        self.story = story
        self.cashier = Staff(stage, "cashier")
        self.mails = Mails(stage.mailbox_url)
        self.simulator = SimulatorClient(stage.simulator_url)
        self.customer = Browser()
        earned = self.cashier.earnings()
        self.earned_before = figures(earned["USD"]) if "USD" in earned else {}

    def completed(self) -> Json:
        """A draft order that staff have completed, and are offered to collect."""
        id = self.cashier.complete(self.cashier.draft(TWO_MUGS, email=CUSTOMER))["id"]
        order = self.cashier.order(id)
        self.story.step(
            "Staff complete a draft order and are offered to collect its payment.",
            f"draftOrderComplete at {self.stage.graphql_url}",
            f"order #{order['number']} over {say(order['total']['gross'])}: {order['status']}",
            collection(order),
        )
        self.expect_collection(order, "OFFERED")
        self.story.expect("The prompt after completion", prompt(order), True)
        return order

    def linked(self, order: Json, *, send: bool) -> Json:
        """The payment link that staff make, and perhaps mail."""
        link = self.cashier.create_link(order["id"], send=send)
        order = self.cashier.order(order["id"])
        self.story.step(
            f"Staff create the payment link{' and mail it' if send else ''}; the order waits.",
            link["url"],
            f"link: {link['status']}, asking for {say(link['amountDue'])}",
            f"order: {order['status']}; {collection(order)}",
        )
        self.story.expect("The order's status", order["status"], "UNCONFIRMED")
        self.expect_collection(order, "AWAITING")
        return link

    def mailed(self, order: Json, link: Json) -> None:
        """The mail with Pay now has arrived."""
        (mail,) = self.only("request to pay", self.mails.requests(order["number"]))
        self.story.step(
            "The customer gets a mail with Pay now.",
            self.stage.mailbox_url,
            f"to {', '.join(mail['to'])}: {mail['subject']}",
        )
        self.story.expect("The link in the mail", link["url"] in mail["text"], True)

    def opened(self, link: Json) -> Page:
        """The payment page, where the customer reviews the order."""
        page = self.customer.open(link["url"])
        self.story.step(
            "The customer opens the link and reviews the order.",
            f"GET {link['url']}",
            gist(page),
        )
        self.story.expect("The page's status", page.status, 200)
        self.story.expect("A form to pay on the page", page.pay_form is not None, True)
        return page

    def paid(self, page: Page) -> None:
        """The customer pays at the provider, which tells the shop."""
        assert page.pay_form is not None
        click = self.customer.submit(page.pay_form)
        self.story.step(
            "The customer clicks Pay; only now a session is opened at the provider.",
            f"POST {page.pay_form.url}",
            f"HTTP {click.status} to {click.location}",
        )
        self.story.expect("The click's answer", click.status, 303)
        before = len(self.simulator.deliveries())
        pay_at_once = self.customer.open(str(click.location)).forms[0]
        back = self.customer.submit(pay_at_once)
        self.story.step(
            "The customer pays on the provider's page and is sent back.",
            f"POST {pay_at_once.url}",
            f"HTTP {back.status} to {back.location}",
        )
        self.story.expect("The payment's answer", back.status, 303)
        self.heard(before)
        self.returned(str(back.location))

    def heard(self, before: int) -> None:
        """The provider's webhooks have arrived; `before`: how many there had been."""
        self.story.expect("Webhooks delivered", self.simulator.settle(), True)
        told = self.simulator.deliveries()[before:]
        self.story.step(
            "The provider tells the shop by signed webhooks.",
            f"POST {told[0]['url']}" if told else "no webhook was sent",
            *(f"{each['type']}: HTTP {each['attempts'][-1]['status']}" for each in told),
        )
        answers = {each["attempts"][-1]["status"] for each in told}
        self.story.expect("The webhooks' answers", answers, {200})

    def returned(self, url: str) -> None:
        """The return page, which asks the provider and believes no redirect."""
        page = self.customer.open(url)
        self.story.step(
            "The customer comes back to the shop.",
            f"GET {url}",
            f"HTTP {page.status} to {page.location}" if page.location else gist(page),
        )
        self.story.expect("The way back", page.status in (200, 303), True)

    def seen_paid(self, order: Json) -> None:
        """The order is paid once, confirmed, and has its receipt."""
        order = self.cashier.order(order["id"])
        charged = [each["pspReference"] for each in order["transactions"]]
        self.story.step(
            "The order is paid, recorded once, and confirmed.",
            f"order at {self.stage.graphql_url}",
            f"order #{order['number']}: {order['status']}, charged {say(order['totalCharged'])}, "
            f"{', '.join(charged)}",
            collection(order),
        )
        self.story.expect("The order's status", order["status"], "UNFULFILLED")
        self.story.expect("The order's charges", order["totalCharged"], order["total"]["gross"])
        self.story.expect("Its transactions", len(charged), 1)
        self.expect_collection(order, "COLLECTED")

    def receipt(self, order: Json) -> None:
        """The receipt has arrived by mail, once."""
        (mail,) = self.only("receipt", self.mails.receipts(order["number"]))
        self.story.step(
            "The customer gets the receipt, once.",
            self.stage.mailbox_url,
            f"to {', '.join(mail['to'])}: {mail['subject']}",
        )

    def revisited(self, link: Json, sentence: str, words: str) -> None:
        """The page after all is done offers nothing more to pay."""
        page = self.customer.open(link["url"])
        self.story.step(sentence, f"GET {link['url']}", gist(page))
        self.story.expect(f'The page says "{words}"', words in page.text.lower(), True)
        self.story.expect("A form to pay on the page", page.pay_form is not None, False)

    def only(self, what: str, mails: list[Json]) -> list[Json]:
        self.story.expect(f"The number of mails with a {what}", len(mails), 1)
        return mails

    def expect_collection(self, order: Json, status: str) -> None:
        self.story.expect("The collection", order["paymentCollection"]["status"], status)


def say(money: Json) -> str:
    return f"{money['amount']:.2f} {money['currency']}"


def prompt(order: Json) -> bool:
    pending: bool = order["paymentCollection"]["promptPending"]
    return pending


def collection(order: Json) -> str:
    asked = ", the prompt waits for an answer" if prompt(order) else ""
    return f"collection: {order['paymentCollection']['status']}{asked}"


def gist(page: Page) -> str:
    return f'HTTP {page.status}, "{page.heading}"'


def pay_by_link(road: Road) -> None:
    road.story.scene("An order is paid over its link")
    order = road.completed()
    link = road.linked(order, send=True)
    road.mailed(order, link)
    road.paid(road.opened(link))
    road.seen_paid(order)
    road.receipt(order)
    road.revisited(link, "The customer opens the link a second time.", "already paid")


def skip_and_collect_later(road: Road) -> None:
    road.story.scene("Another is skipped, and collected later")
    order = road.completed()
    skipped = road.cashier.skip(order["id"])
    road.story.step(
        "Staff skip the prompt; the order is as it would be without paylink.",
        f"paymentLinkSkip at {road.stage.graphql_url}",
        f"order: {skipped['status']}; {collection(skipped)}",
    )
    road.expect_collection(skipped, "SKIPPED")
    link = road.linked(order, send=False)
    road.paid(road.opened(link))
    road.seen_paid(order)


def mark_paid_by_hand(road: Road) -> None:
    road.story.scene("One is paid in cash, and marked so by hand")
    order = road.completed()
    link = road.linked(order, send=False)
    confirm_too_early(road, order)
    marked = road.cashier.mark_paid(order["id"], reference="till 7")
    road.story.step(
        "Staff take the money themselves and mark the order as paid.",
        f"paymentLinkMarkPaid at {road.stage.graphql_url}",
        f"order: {marked['status']}, charged {say(marked['totalCharged'])}; {collection(marked)}",
    )
    road.story.expect("The order's status", marked["status"], "UNFULFILLED")
    road.expect_collection(marked, "SETTLED_MANUALLY")
    road.revisited(link, "The link asks for nothing any more.", "paid")


def confirm_too_early(road: Road, order: Json) -> None:
    try:
        road.cashier.confirm(order["id"])
    except Refused as refusal:
        answer = f"{refusal.code}: {refusal.message}"
    else:
        raise Broken("An order that waits for its payment could be confirmed.")
    road.story.step(
        "Until then nothing else confirms the order.",
        f"orderConfirm at {road.stage.graphql_url}",
        answer,
    )


def reject(road: Road) -> None:
    road.story.scene("One is rejected")
    order = road.completed()
    link = road.linked(order, send=False)
    rejected = road.cashier.reject(order["id"], "The customer changed her mind.")
    road.story.step(
        "Staff reject the order: it is cancelled, and its link closed.",
        f"paymentLinkReject at {road.stage.graphql_url}",
        f"order: {rejected['status']}; {collection(rejected)}",
    )
    road.story.expect("The order's status", rejected["status"], "CANCELED")
    road.expect_collection(rejected, "REJECTED")
    road.revisited(link, "The page says so to whoever opens the link.", "cancel")


def show_earnings(road: Road) -> None:
    road.story.scene("The earnings")
    earned = road.cashier.earnings()["USD"]
    by_hand = earned["manual"]
    road.story.step(
        "Two payments came in by themselves; the one in cash stands apart.",
        f"paymentEarnings at {road.stage.graphql_url}",
        f"payments: {earned['paymentCount']}, gross {say(earned['gross'])}, "
        f"fees {say(earned['fees'])}, net {say(earned['net'])}",
        f"apart, by hand: {by_hand['count']}, {say(by_hand['gross'])}",
    )
    before = road.earned_before
    gained = {name: figure - before.get(name, 0) for name, figure in figures(earned).items()}
    road.story.expect("The net of it all", gained["net"], gained["gross"] - gained["fees"])
    expected = {"payments": 2, "gross": 50, "payments by hand": 1, "gross by hand": 25}
    found = {name: gained[name] for name in expected}
    road.story.expect("What these four orders have earned", found, expected)


def figures(earned: Json) -> dict[str, Any]:
    return {
        "payments": earned["paymentCount"],
        "gross": earned["gross"]["amount"],
        "fees": earned["fees"]["amount"],
        "net": earned["net"]["amount"],
        "payments by hand": earned["manual"]["count"],
        "gross by hand": earned["manual"]["gross"]["amount"],
    }


def play(stage: Stage, story: Story) -> None:
    road = Road(stage, story)
    pay_by_link(road)
    skip_and_collect_later(road)
    mark_paid_by_hand(road)
    reject(road)
    show_earnings(road)


def keep_serving(stage: Stage) -> None:
    """Until Ctrl-C, with an order that waits for the payment of whoever watches."""
    cashier = Staff(stage, "cashier")
    order = cashier.complete(cashier.draft(TWO_MUGS, email=CUSTOMER))["id"]
    link = cashier.create_link(order, send=True)
    print("The shop keeps running until you press Ctrl-C.\n")
    if stage.dashboard_url:
        print(f"  The dashboard          {stage.dashboard_url}/orders/{order}")
    print(f"  Pay this one yourself  {link['url']}")
    print(f"  The mails              {stage.mailbox_url}/")
    print(f"  The shop's GraphQL     {stage.graphql_url}")
    print(f"  Stripe's simulator     {stage.simulator_url}", flush=True)
    threading.Event().wait()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox.demo", description=__doc__)
    parser.add_argument("--shop", choices=list(MODULES), default="sandbox")
    shop = parser.parse_args().shop
    print(f"saleor-paylink, the whole road, on: {shop}", flush=True)
    story = Story()
    try:
        with running(shop) as stage:
            play(stage, story)
            print(f"All {story.steps} steps came out as they should.\n", flush=True)
            if sys.stdin.isatty() and sys.stdout.isatty():
                keep_serving(stage)
    except KeyboardInterrupt:
        print()
    except (Broken, Refused, Denied, RequestException, RuntimeError) as failure:
        print(f"\nFAILED after step {story.steps}: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
