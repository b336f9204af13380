"""Refunds that staff ask for in Saleor itself, made at the provider and answered in Saleor.

Saleor writes a request on the transaction and then asks every plugin in turn, synchronously
and outside a transaction. Its own webhook plugin comes after ours.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext as _
from saleor.app.models import App
from saleor.core.db.connection import writer
from saleor.order.lock_objects import order_qs_select_for_update
from saleor.payment import PaymentError, TransactionAction
from saleor.payment.interface import TransactionActionData
from saleor.payment.lock_objects import transaction_item_qs_select_for_update
from saleor.payment.models import TransactionEvent, TransactionItem
from saleor.payment.utils import (
    create_failed_transaction_event,
    recalculate_refundable_for_checkout,
)
from saleor.plugins.manager import get_plugins_manager
from saleor.webhook.event_types import WebhookEventSyncType
from saleor.webhook.utils import get_webhooks_for_event

from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.refunds import request_for_shop
from saleor_paylink.models import RefundRequest
from saleor_paylink.money import Money
from saleor_paylink.saleor import records
from saleor_paylink.saleor.actors import actor_of
from saleor_paylink.saleor.announcing import News, Step, owe, tell
from saleor_paylink.saleor.configuration import PLUGIN_ID
from saleor_paylink.saleor.guarding import after_commit
from saleor_paylink.saleor.money import save, update_amounts
from saleor_paylink.shop import RefundAsked

# Plugins' hooks and apps' webhooks have the same names.
HOOKS = {
    TransactionAction.REFUND: WebhookEventSyncType.TRANSACTION_REFUND_REQUESTED,
    TransactionAction.CHARGE: WebhookEventSyncType.TRANSACTION_CHARGE_REQUESTED,
    TransactionAction.CANCEL: WebhookEventSyncType.TRANSACTION_CANCELATION_REQUESTED,
}
# The key of the event that says why there was no refund: this, and the request's own.
ANSWER = "answer:"
NOBODY = "No app or plugin is configured to handle payment action requests."


def action_requested(asked: TransactionActionData, channel: str, requestor: Any) -> None:
    """Do what was asked of a payment of ours, and leave to others what is theirs.

    Raises nothing but the PaymentError that Saleor itself would have raised.
    """
    if not records.is_ours(asked.transaction):
        _leave_to_others(asked, channel)
        return
    event = asked.event
    # The webhook plugin would write down that no app could be asked. It passes over what has an
    # owner and no event.
    asked.transaction_app_owner = asked.transaction_app_owner or App(name=records.OWNER)
    asked.event = None
    if asked.action_type == TransactionAction.REFUND:
        after_commit(_make, asked.transaction, event, asked.action_value, requestor)
    else:
        cause = _("A payment over a payment link is charged in full. It can only be refunded.")
        after_commit(create_failed_transaction_event, event, cause)


def _leave_to_others(asked: TransactionActionData, channel: str) -> None:
    """Saleor refuses a request that nobody can handle, but takes any plugin that has the hook
    for somebody who can, so also us."""
    hook = HOOKS[asked.action_type]
    plugins = get_plugins_manager(allow_replica=False).get_plugins(channel, active_only=True)
    owner = asked.transaction_app_owner
    if any(each.is_event_active(hook) for each in plugins if each.PLUGIN_ID != PLUGIN_ID):
        return
    if owner is not None and get_webhooks_for_event(hook, apps_ids=[owner.pk]).exists():
        return
    recalculate_refundable_for_checkout(asked.transaction, asked.event)
    create_failed_transaction_event(asked.event, cause=NOBODY)
    raise PaymentError(NOBODY)


def _make(item: TransactionItem, event: TransactionEvent, amount: Decimal, requestor: Any) -> None:
    try:
        _ask(item, event, amount, requestor)
    except LinkError as refused:
        refund_answered(item.order_id, str(event.pk), None, refused.message)
    except Exception:
        # Once it is written down, whoever comes next makes it or refuses it.
        if not RefundRequest.objects.filter(shop_request=event.pk).exists():
            cause = _("Nothing was refunded, because of an error. Try again.")
            refund_answered(item.order_id, str(event.pk), None, cause)
        raise
    finally:
        # It is shown to whoever asked.
        item.refresh_from_db()


def _ask(item: TransactionItem, event: TransactionEvent, amount: Decimal, requestor: Any) -> None:
    charge = records.charge_reference(item)
    if charge is None:
        raise LinkError(
            LinkErrorCode.INVALID,
            _("No payment provider holds this money. Give it back by the way it came."),
        )
    money = Money(amount, item.currency)
    request_for_shop(item.order_id, charge, money, str(event.pk), actor_of(requestor))


def refund_answered(order_id: UUID, shop_request: str, reference: str | None, error: str) -> None:
    """See Shop.refund_answered."""
    tell(_book_answer(order_id, shop_request, reference, error))


def unanswered(start: datetime, end: datetime) -> list[RefundAsked]:
    """See Shop.unanswered_refunds. Saleor writes a request of its own before it asks a plugin, and
    it has no reference until the answer gives it one."""
    requests = TransactionEvent.objects.using(writer).filter(type=records.REFUND_REQUESTED)
    silent = requests.filter(
        ~Exists(_failures()),
        transaction__app_identifier=records.OWNER,
        transaction__order__isnull=False,
        psp_reference__isnull=True,
        created_at__range=(start, end),
    )
    found = silent.select_related("transaction", "user", "app").order_by("pk")
    return [_asked(each) for each in found]


def _failures() -> "QuerySet[TransactionEvent]":
    """What has answered a request, or may have: those that Saleor writes itself do not say which
    request they are about."""
    key = Concat(Value(ANSWER), Cast(OuterRef("pk"), CharField()))
    by_saleor = Q(
        idempotency_key__isnull=True,
        psp_reference__isnull=True,
        amount_value=OuterRef("amount_value"),
        pk__gt=OuterRef("pk"),
    )
    return TransactionEvent.objects.filter(
        Q(idempotency_key=key) | by_saleor,
        transaction=OuterRef("transaction"),
        type=records.REFUND_FAILED,
    )


def _asked(event: TransactionEvent) -> RefundAsked:
    item = event.transaction
    return RefundAsked(
        request=str(event.pk),
        order_id=item.order_id,
        charge_reference=records.charge_reference(item) or "",
        amount=Money(event.amount_value, item.currency),
        actor=actor_of(event.app or event.user),
    )


@transaction.atomic
def _book_answer(order_id: UUID, shop_request: str, reference: str | None, error: str) -> int:
    order = order_qs_select_for_update().get(pk=order_id)
    request = TransactionEvent.objects.get(pk=shop_request, transaction__order_id=order_id)
    item = transaction_item_qs_select_for_update().get(pk=request.transaction_id)
    charged = item.charged_value
    if reference is not None and request.psp_reference is None:
        # From now on it and the refund of that reference are one to Saleor.
        request.psp_reference = reference
        request.include_in_calculations = True
        request.save(update_fields=["psp_reference", "include_in_calculations"])
        records.recalculate(item)
    if error:
        _book_failure(item, request, error)
    if item.charged_value != charged:
        update_amounts(order)
        owe(item, Step(News.UPDATED))
        save(order)
    return int(item.pk)


def _book_failure(item: TransactionItem, request: TransactionEvent, error: str) -> None:
    records.add_event(
        item,
        records.REFUND_FAILED,
        Money(request.amount_value, request.currency),
        key=f"{ANSWER}{request.pk}",
        psp_reference=request.psp_reference,
        at=max(timezone.now(), request.created_at + records.TICK),
        message=error,
        granted_refund_id=request.related_granted_refund_id,
    )
