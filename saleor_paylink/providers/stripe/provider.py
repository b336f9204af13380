"""The provider itself: the contract of `interface.Provider`, kept with Stripe."""

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from saleor_paylink.conf import ChannelSettings, SettingInvalid
from saleor_paylink.money import AmountNotRepresentable, Money
from saleor_paylink.providers.interface import (
    BadSignature,
    CheckoutRequest,
    EventRef,
    Method,
    Ping,
    Provider,
    ProviderError,
    ReportLine,
    Session,
    Snapshot,
    WebhookEndpoint,
)
from saleor_paylink.providers.stripe import (
    amounts,
    checkout,
    endpoints,
    methods,
    reports,
    webhooks,
)
from saleor_paylink.providers.stripe.api import Api, Json, Refusal, base_url
from saleor_paylink.providers.stripe.settings import FIELDS, WEBHOOK_SECRET, StripeSettings
from saleor_paylink.providers.stripe.snapshots import REQUEST, has_money, request_of, snapshot

SESSIONS = "/v1/checkout/sessions"
REFUNDS = "/v1/refunds"
IN_FULL = ["payment_intent.latest_charge.balance_transaction"]
REFUNDS_IN_FULL = ["data.balance_transaction", "data.failure_balance_transaction"]

_REFERENCE = re.compile(r"cs_[A-Za-z0-9_]+")


class StripeProvider(Provider):
    """Payment on a page of Stripe's, by a Checkout Session."""

    name = methods.PROVIDER
    fields = FIELDS
    webhook_field = WEBHOOK_SECRET

    def __init__(self, settings: ChannelSettings) -> None:
        super().__init__(settings)
        self._stripe = StripeSettings(settings.values)

    def validate(self) -> None:
        self._stripe.validate(in_use=self.settings.active)

    @property
    def configured(self) -> bool:
        return self._has_key and bool(self._stripe.secrets)

    @property
    def awaits_webhook(self) -> bool:
        return self._has_key and not self._stripe.secrets

    @property
    def _has_key(self) -> bool:
        try:
            self._stripe.validate(in_use=False)
        except SettingInvalid:
            return False
        return bool(self._stripe.key)

    @property
    def livemode(self) -> bool:
        return self._stripe.livemode

    @property
    def page_sources(self) -> Sequence[str]:
        api = urlsplit(base_url())
        if api.hostname == "api.stripe.com":
            # Not Stripe's own domain alone: a merchant can have the pages on theirs
            # (https://docs.stripe.com/payments/checkout/custom-domains).
            return ["https:"]
        # A simulator has the pages where it has the API.
        return [f"{api.scheme}://{api.netloc}"]

    def methods(self, amount: Money) -> Sequence[Method]:
        try:
            self.check_amount(amount)
        except AmountNotRepresentable:
            return []
        if amount < self.smallest_amount(amount.currency):
            return []
        return methods.offered(self._stripe.kinds, amount.currency)

    def method_name(self, method: str) -> str:
        return methods.name_of(method)

    def check_amount(self, amount: Money) -> None:
        amounts.to_units(amount)

    def prepare(self, request: CheckoutRequest) -> Mapping[str, Any]:
        return checkout.parameters(request)

    def open(self, parameters: Mapping[str, Any], idempotency_key: str) -> Session:
        try:
            session = self._api().post(SESSIONS, parameters, idempotency_key)
        except Refusal as refusal:
            if refusal.replayed and not refusal.permanent:
                # Stripe keeps a failure of its own under the key, for a day or longer: this call
                # can only fail. Should it have opened a session, nobody has that one's address.
                raise ProviderError(refusal.message, permanent=True, code=refusal.code) from None
            raise
        return Session(reference=session["id"], url=session["url"])

    def fetch(self, reference: str) -> Snapshot:
        path = _path(reference)
        api = self._api()
        return _snapshot(api, api.get(path, expand=IN_FULL))

    def cancel(self, reference: str) -> Snapshot:
        path = _path(reference)
        api = self._api()
        try:
            session = api.post(f"{path}/expire", {"expand": IN_FULL})
        except Refusal as refusal:
            if refusal.status != 400:
                raise
            # It is not open any more, or is being paid right now.
            return self.fetch(reference)
        return _snapshot(api, session)

    def session_of(self, payment: str) -> str | None:
        try:
            found = self._api().get(SESSIONS, payment_intent=payment, limit=1)["data"]
        except Refusal as refusal:
            if refusal.code != "resource_missing":
                raise
            return None
        return str(found[0]["id"]) if found else None

    def refund(self, payment: str, amount: Money, request_id: str) -> str:
        asked = {
            "payment_intent": payment,
            "amount": amounts.to_units(amount),
            "metadata": {REQUEST: request_id},
        }
        return str(self._api().post(REFUNDS, asked, f"paylink-refund-{request_id}")["id"])

    def find_refund(self, payment: str, request_id: str) -> str | None:
        made = self._api().list(REFUNDS, payment_intent=payment)
        return next((str(each["id"]) for each in made if request_of(each) == request_id), None)

    def smallest_amount(self, currency: str) -> Money:
        return amounts.smallest(currency)

    def read_events(self, headers: Mapping[str, str], body: bytes) -> Sequence[EventRef]:
        named = {name.lower(): value for name, value in headers.items()}
        if "stripe-signature" not in named:
            raise BadSignature("There is no signature.")
        webhooks.verify(named["stripe-signature"], body, self._stripe.secrets, time.time())
        return webhooks.read(body, self.livemode)

    def check_access(self) -> None:
        self._api().get(SESSIONS, limit=1)

    def webhook_endpoints(self) -> Sequence[WebhookEndpoint]:
        return endpoints.registered(self._api())

    def register_webhook(self, url: str) -> str:
        return endpoints.register(self._api(), url)

    def ping(self) -> Ping | None:
        if not self._stripe.secrets:
            return None
        body = webhooks.ping(self.livemode)
        signature = webhooks.signed(body, self._stripe.secrets[0], time.time())
        return Ping({"Stripe-Signature": signature}, body)

    @classmethod
    def read_report(cls, lines: Iterable[str]) -> Iterator[ReportLine]:
        return reports.read(lines)

    def _api(self) -> Api:
        return Api(self._stripe.key)


def _path(reference: str) -> str:
    """A session's path; a reference that is none does not get into a URL."""
    if not _REFERENCE.fullmatch(reference):
        raise ProviderError(
            "This is not the reference of a Stripe session.", permanent=True, code="reference"
        )
    return f"{SESSIONS}/{reference}"


def _snapshot(api: Api, session: Json) -> Snapshot:
    """Asks for what was given back of a payment. Refunds are always asked for: one that failed
    leaves no trace on the charge."""
    intent = session["payment_intent"]
    if not has_money(intent):
        return snapshot(session, (), ())
    payment = intent["id"]
    disputed = intent["latest_charge"]["disputed"]
    return snapshot(
        session,
        api.list(REFUNDS, payment_intent=payment, expand=REFUNDS_IN_FULL),
        api.list("/v1/disputes", payment_intent=payment) if disputed else (),
    )
