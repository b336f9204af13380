"""What staff do at a shop: make orders, collect their payments, look at the earnings."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sandbox.client.customer import somewhere
from sandbox.client.graphql import GraphQL, Json, log_in
from sandbox.stage import PASSWORD, PEOPLE, Stage

MONEY = "{ amount currency }"
ERRORS = "errors { field message code }"
LINK = f"""fragment Link on PaymentLink {{
  id status url message expiresAt lastSentAt
  amountDue {MONEY} requestedAmount {MONEY} amountPaid {MONEY}
  attempts {{
    id provider method status amount {MONEY} providerReference failureReason resolvedAt
  }}
  events {{ type actor message }}
}}"""
EXCEPTION = f"""fragment Exception on PaymentException {{
  id kind amount {MONEY} providerReference providerUrl resolution resolvedAt message
}}"""
COLLECTION = f"""{EXCEPTION} fragment Collection on PaymentCollection {{
  status reason promptPending warnings amountDue {MONEY}
  methods {{ id provider name }}
  links {{ id status }}
  exceptions {{ ...Exception }}
}}"""
ORDER = f"""{LINK} {COLLECTION} fragment Everything on Order {{
  id number status isPaid chargeStatus userEmail
  total {{ gross {MONEY} }} totalCharged {MONEY}
  lines {{ id quantity productName variantName }}
  transactions {{
    pspReference chargedAmount {MONEY} refundedAmount {MONEY}
    events {{ type pspReference amount {MONEY} }}
  }}
  events {{ type message }}
  paymentCollection {{ ...Collection }}
  paymentLink {{ ...Link }}
}}"""
ADDRESS = {
    "firstName": "Ada",
    "lastName": "Buyer",
    "streetAddress1": "1600 Amphitheatre Parkway",
    "city": "Mountain View",
    "postalCode": "94043",
    "country": "US",
    "countryArea": "CA",
}
CUSTOMER_EMAIL = "buyer@example.com"


class Staff:
    """One person at a stage, by the keys of `sandbox.stage.PEOPLE`, or one app, by those of
    `sandbox.stage.APPS`; None: nobody.

    An order is its global id. Raises `graphql.Refused` and `graphql.Denied`.
    """

    def __init__(self, stage: Stage, person: str | None) -> None:
        self._stage = stage
        if person is None or person in stage.apps:
            self.graphql = GraphQL(stage.graphql_url, stage.apps.get(person or ""), somewhere())
        else:
            email = PEOPLE[person].email
            self.graphql = log_in(stage.graphql_url, email, PASSWORD, somewhere())

    # The shop's own

    def draft(
        self,
        lines: Mapping[str, int],
        *,
        channel: str = "default-channel",
        email: str = CUSTOMER_EMAIL,
        user: str | None = None,
        language: str = "EN",
    ) -> str:
        """A draft of so many pieces by SKU, for a customer of PEOPLE or for an address."""
        whom = {"user": self._stage.users[user]} if user else {"userEmail": email}
        answer = self.graphql.change(
            f"""mutation ($input: DraftOrderCreateInput!) {{
              draftOrderCreate(input: $input) {{ order {{ id }} {ERRORS} }}
            }}""",
            {
                "input": {
                    "channelId": self._stage.channels[channel],
                    "billingAddress": ADDRESS,
                    "languageCode": language,
                    "lines": [
                        {"variantId": self._stage.variants[sku], "quantity": quantity}
                        for sku, quantity in lines.items()
                    ],
                    **whom,
                }
            },
        )
        order: str = answer["order"]["id"]
        return order

    def complete(self, order: str) -> Json:
        """The draft becomes an order."""
        return self._on_order("draftOrderComplete", order)

    def confirm(self, order: str) -> Json:
        return self._on_order("orderConfirm", order)

    def cancel(self, order: str) -> Json:
        return self._on_order("orderCancel", order)

    def mark_as_paid(self, order: str) -> Json:
        """The shop's own mark-as-paid, which knows nothing of paylink."""
        return self._on_order("orderMarkAsPaid", order)

    def _on_order(self, mutation: str, order: str) -> Json:
        answer = self.graphql.change(
            f"""{ORDER} mutation ($id: ID!) {{
              {mutation}(id: $id) {{ order {{ ...Everything }} {ERRORS} }}
            }}""",
            {"id": order},
        )
        done: Json = answer["order"]
        return done

    def stop_reminders(self, order: str) -> None:
        """By what the shop itself offers for it: the order's private metadata."""
        self.graphql.change(
            f"""mutation ($id: ID!, $input: [MetadataInput!]!) {{
              updatePrivateMetadata(id: $id, input: $input) {{ {ERRORS} }}
            }}""",
            {"id": order, "input": [{"key": "paylink.reminders", "value": "off"}]},
        )

    def change_quantity(self, order: str, quantity: int) -> None:
        """Another number of pieces on the order's first line."""
        line = self.order(order)["lines"][0]["id"]
        self.graphql.change(
            f"""mutation ($id: ID!, $input: OrderLineInput!) {{
              orderLineUpdate(id: $id, input: $input) {{ order {{ id }} {ERRORS} }}
            }}""",
            {"id": line, "input": {"quantity": quantity}},
        )

    def add(self, order: str, sku: str, quantity: int) -> None:
        """So many pieces more of something."""
        line = {"variantId": self._stage.variants[sku], "quantity": quantity}
        self.graphql.change(
            f"""mutation ($id: ID!, $input: [OrderLineCreateInput!]!) {{
              orderLinesCreate(id: $id, input: $input) {{ order {{ id }} {ERRORS} }}
            }}""",
            {"id": order, "input": [line]},
        )

    def remove(self, order: str) -> None:
        """Take the first line off the order."""
        self.graphql.change(
            f"""mutation ($id: ID!) {{
              orderLineDelete(id: $id) {{ order {{ id }} {ERRORS} }}
            }}""",
            {"id": self.order(order)["lines"][0]["id"]},
        )

    def discount(self, order: str, amount: str) -> None:
        """Take an amount off the order's total."""
        self.graphql.change(
            f"""mutation ($order: ID!, $input: OrderDiscountCommonInput!) {{
              orderDiscountAdd(orderId: $order, input: $input) {{ order {{ id }} {ERRORS} }}
            }}""",
            {"order": order, "input": {"valueType": "FIXED", "value": amount}},
        )

    def change_email(self, order: str, email: str) -> None:
        """Another address to which the order's mails go."""
        self.graphql.change(
            f"""mutation ($id: ID!, $input: OrderUpdateInput!) {{
              orderUpdate(id: $id, input: $input) {{ order {{ id }} {ERRORS} }}
            }}""",
            {"id": order, "input": {"userEmail": email}},
        )

    def fulfill(self, order: str, warehouse: str) -> Json:
        """Hand over every piece of the order."""
        lines = [
            {
                "orderLineId": line["id"],
                "stocks": [{"warehouse": warehouse, "quantity": line["quantity"]}],
            }
            for line in self.order(order)["lines"]
        ]
        answer = self.graphql.change(
            f"""{ORDER} mutation ($order: ID, $input: OrderFulfillInput!) {{
              orderFulfill(order: $order, input: $input) {{ order {{ ...Everything }} {ERRORS} }}
            }}""",
            {"order": order, "input": {"lines": lines}},
        )
        done: Json = answer["order"]
        return done

    def add_transaction(self, order: str, amount: str, currency: str = "USD") -> None:
        """Write down money that was taken outside the shop."""
        self.graphql.change(
            f"""mutation ($id: ID!, $transaction: TransactionCreateInput!) {{
              transactionCreate(id: $id, transaction: $transaction) {{
                transaction {{ id }} {ERRORS}
              }}
            }}""",
            {
                "id": order,
                "transaction": {
                    "name": "At the counter",
                    "amountCharged": {"amount": amount, "currency": currency},
                },
            },
        )

    def transactions(self, order: str) -> list[Json]:
        """The order's transactions as those see them who handle payments."""
        found: list[Json] = self.graphql.ask(
            f"""query ($id: ID!) {{ order(id: $id) {{ transactions {{
              id name actions
              chargedAmount {MONEY} refundedAmount {MONEY} refundPendingAmount {MONEY}
              events {{ type pspReference message amount {MONEY} }}
            }} }} }}""",
            {"id": order},
        )["order"]["transactions"]
        return found

    def refund(self, transaction: str, amount: str | None = None) -> None:
        """Ask in the shop for money of a transaction to be given back; None: all of it."""
        self.graphql.change(
            f"""mutation ($id: ID!, $amount: PositiveDecimal) {{
              transactionRequestAction(id: $id, actionType: REFUND, amount: $amount) {{
                transaction {{ id }} {ERRORS}
              }}
            }}""",
            {"id": transaction, "amount": amount},
        )

    def order(self, order: str) -> Json:
        """The order with its money, its history, its collection and its link."""
        found: Json = self.graphql.ask(
            f"{ORDER} query ($id: ID!) {{ order(id: $id) {{ ...Everything }} }}", {"id": order}
        )["order"]
        return found

    # Paylink's

    def create_link(self, order: str, **terms: object) -> Json:
        """`terms` are fields of PaymentLinkCreateInput."""
        answer = self.graphql.change(
            f"""{LINK} mutation ($order: ID!, $input: PaymentLinkCreateInput) {{
              paymentLinkCreate(orderId: $order, input: $input) {{
                paymentLink {{ ...Link }} {ERRORS}
              }}
            }}""",
            {"order": order, "input": terms},
        )
        link: Json = answer["paymentLink"]
        return link

    def send_link(self, link: str, **what: object) -> Json:
        """`what` are fields of PaymentLinkSendInput."""
        answer = self.graphql.change(
            f"""{LINK} mutation ($link: ID!, $input: PaymentLinkSendInput) {{
              paymentLinkSend(id: $link, input: $input) {{ paymentLink {{ ...Link }} {ERRORS} }}
            }}""",
            {"link": link, "input": what},
        )
        sent: Json = answer["paymentLink"]
        return sent

    def create_links(self, orders: Sequence[str], **terms: object) -> Json:
        """The whole answer: each order has a result, with errors of its own."""
        answer: Json = self.graphql.ask(
            f"""{LINK} mutation ($orders: [ID!]!, $input: PaymentLinkCreateInput) {{
              paymentLinkBulkCreate(orderIds: $orders, input: $input) {{
                count results {{ paymentLink {{ ...Link }} {ERRORS} }} {ERRORS}
              }}
            }}""",
            {"orders": orders, "input": terms},
        )["paymentLinkBulkCreate"]
        return answer

    def send_links(self, links: Sequence[str]) -> Json:
        """The whole answer: each link has a result, with errors of its own."""
        answer: Json = self.graphql.ask(
            f"""{LINK} mutation ($links: [ID!]!) {{
              paymentLinkBulkSend(ids: $links) {{
                count results {{ paymentLink {{ ...Link }} {ERRORS} }} {ERRORS}
              }}
            }}""",
            {"links": links},
        )["paymentLinkBulkSend"]
        return answer

    def extend_link(self, link: str, expires_at: str | None = None) -> Json:
        """Another end for the link, by default after its channel's lifetime."""
        return self._alter_link(
            "paymentLinkExtend(id: $link, expiresAt: $until)",
            link,
            ", $until: DateTime",
            {"until": expires_at},
        )

    def rotate_link(self, link: str) -> Json:
        """Another URL for the link."""
        return self._alter_link("paymentLinkRotate(id: $link)", link)

    def revoke_link(self, link: str) -> Json:
        return self._alter_link("paymentLinkRevoke(id: $link)", link)

    def sync_link(self, link: str) -> Json:
        """Have the provider asked what has become of the link's payments."""
        return self._alter_link("paymentLinkSync(id: $link)", link)

    def _alter_link(
        self, call: str, link: str, types: str = "", values: Mapping[str, object] | None = None
    ) -> Json:
        answer = self.graphql.change(
            f"""{LINK} mutation ($link: ID!{types}) {{
              {call} {{ paymentLink {{ ...Link }} {ERRORS} }}
            }}""",
            {"link": link, **(values or {})},
        )
        altered: Json = answer["paymentLink"]
        return altered

    def exceptions(self, order: str) -> list[Json]:
        """The order's money that needs a person, or needed one."""
        found: list[Json] = self.order(order)["paymentCollection"]["exceptions"]
        return found

    def resolve(self, exception: str, resolution: str) -> Json:
        """Decide what is done about such money: REFUNDED, KEPT or DISMISSED."""
        answer = self.graphql.change(
            f"""{EXCEPTION} mutation ($id: ID!, $how: PaymentExceptionResolutionEnum!) {{
              paymentExceptionResolve(id: $id, resolution: $how) {{
                paymentException {{ ...Exception }} {ERRORS}
              }}
            }}""",
            {"id": exception, "how": resolution},
        )
        resolved: Json = answer["paymentException"]
        return resolved

    def skip(self, order: str) -> Json:
        """Answer the prompt with no."""
        return self._settle_order("paymentLinkSkip(orderId: $order)", order)

    def mark_paid(self, order: str, **details: object) -> Json:
        """`details` are fields of PaymentLinkMarkPaidInput."""
        return self._settle_order(
            "paymentLinkMarkPaid(orderId: $order, input: $input)",
            order,
            ", $input: PaymentLinkMarkPaidInput",
            {"input": details},
        )

    def reject(self, order: str, reason: str = "") -> Json:
        return self._settle_order(
            "paymentLinkReject(orderId: $order, reason: $reason)",
            order,
            ", $reason: String",
            {"reason": reason},
        )

    def _settle_order(
        self, call: str, order: str, types: str = "", values: Mapping[str, object] | None = None
    ) -> Json:
        answer = self.graphql.change(
            f"""{ORDER} mutation ($order: ID!{types}) {{
              {call} {{ order {{ ...Everything }} {ERRORS} }}
            }}""",
            {"order": order, **(values or {})},
        )
        done: Json = answer["order"]
        return done

    def earnings(self, channel: str | None = None, granularity: str = "DAY") -> dict[str, Json]:
        """The earnings of these days by currency."""
        today = datetime.now(UTC).date()
        within = {
            "gte": str(today - timedelta(days=1)),
            "lte": str(today + timedelta(days=1)),
        }
        listed = self.graphql.ask(
            f"""query (
              $channel: String, $range: DateRangeInput!, $by: PaymentEarningsGranularityEnum
            ) {{
              paymentEarnings(channel: $channel, range: $range, granularity: $by) {{
                currency gross {MONEY} refunded {MONEY} disputed {MONEY} fees {MONEY} net {MONEY}
                feesComplete paymentCount manual {{ gross {MONEY} count }}
                series {{
                  start gross {MONEY} refunded {MONEY} fees {MONEY} net {MONEY} manual {MONEY}
                  paymentCount
                }}
              }}
            }}""",
            {"channel": channel, "range": within, "by": granularity},
        )["paymentEarnings"]
        return {each["currency"]: each for each in listed}
