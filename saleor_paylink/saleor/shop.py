"""Saleor as paylink sees it: the Shop protocol over Saleor's own models and actions."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.sites.models import Site
from django.db.models import QuerySet
from saleor.channel.models import Channel
from saleor.core.db.connection import allow_writer, writer
from saleor.core.utils import build_absolute_uri
from saleor.order.events import order_note_added_event
from saleor.plugins.models import PluginConfiguration

from saleor_paylink.conf import ChannelSettings
from saleor_paylink.saleor import (
    dashboard_app,
    hold,
    listeners,
    mailing,
    money,
    reading,
    refunds,
)
from saleor_paylink.saleor.actors import user_and_app
from saleor_paylink.saleor.books import SaleorBooks
from saleor_paylink.saleor.configuration import PLUGIN_ID, values_of
from saleor_paylink.saleor.paths import plugin_path
from saleor_paylink.shop import (
    Actor,
    Charge,
    LinkNews,
    MailAccount,
    ManualPayment,
    OrderDues,
    OrderView,
    Refund,
    RefundAsked,
    ShopBooks,
)


class SaleorShop:
    """Keeps no state; every call reads and writes the primary database."""

    def writer(self) -> AbstractContextManager[object]:
        manager: AbstractContextManager[object] = allow_writer()
        return manager

    @allow_writer()
    def order(self, order_id: UUID, *, fresh: bool = False) -> OrderView | None:
        found = reading.fresh(order_id) if fresh else reading.find_whole(order_id)
        return reading.order_view(found) if found else None

    @allow_writer()
    def dues(self, order_id: UUID) -> OrderDues | None:
        return reading.dues(order_id)

    @allow_writer()
    def orders(self, order_ids: Collection[UUID]) -> Sequence[OrderView]:
        views = [reading.order_view(order) for order in reading.find_all(order_ids)]
        fresh = (self.order(view.id, fresh=True) if view.stale else view for view in views)
        return [view for view in fresh if view is not None]

    def known_orders(self) -> "QuerySet[Any]":
        return reading.known()

    def matching_orders(self, search: str) -> "QuerySet[Any]":
        return reading.matching(search)

    @allow_writer()
    def order_numbers(self, order_ids: Collection[UUID]) -> Mapping[UUID, str]:
        return reading.numbers(order_ids)

    def channel_settings(self, channel: str) -> ChannelSettings:
        return self.settings_of([channel])[channel]

    @allow_writer()
    def settings_of(self, channels: Collection[str]) -> Mapping[str, ChannelSettings]:
        none = {slug: ChannelSettings(slug, active=False) for slug in channels}
        rows = PluginConfiguration.objects.using(writer).select_related("channel")
        return none | {
            row.channel.slug: ChannelSettings(
                row.channel.slug, row.active, values_of(row.configuration)
            )
            for row in rows.filter(identifier=PLUGIN_ID, channel__slug__in=channels)
        }

    @allow_writer()
    def channels(self) -> Mapping[str, str]:
        found = Channel.objects.using(writer).order_by().values_list("pk", "slug")
        return {str(pk): slug for pk, slug in found}

    @allow_writer()
    def name(self, settings: ChannelSettings) -> str:
        return settings.shop_name or str(Site.objects.get_current().name)

    @allow_writer()
    def mail_account(self, channel: str) -> MailAccount:
        return mailing.mail_account(channel)

    def picture_sources(self) -> Sequence[str]:
        return reading.picture_sources()

    @allow_writer()
    def page_url(self, channel: str, path: str) -> str:
        return build_absolute_uri(plugin_path(channel) + path)

    @allow_writer()
    def hold(self, order_id: UUID) -> None:
        hold.hold(order_id)

    @allow_writer()
    def release(self, order_id: UUID, actor: Actor | None) -> None:
        hold.release(order_id, actor)

    @allow_writer()
    def record_charge(self, order_id: UUID, charge: Charge) -> None:
        money.record_charge(order_id, charge)

    @allow_writer()
    def record_refund(self, order_id: UUID, refund: Refund) -> None:
        money.record_refund(order_id, refund)

    @allow_writer()
    def record_refund_reversal(self, order_id: UUID, refund: Refund) -> None:
        money.record_refund_reversal(order_id, refund)

    @allow_writer()
    def refund_answered(
        self,
        order_id: UUID,
        shop_request: str,
        charge_reference: str,
        reference: str | None,
        error: str,
    ) -> None:
        refunds.refund_answered(order_id, shop_request, reference, error)

    @allow_writer()
    def unanswered_refunds(self, start: datetime, end: datetime) -> Sequence[RefundAsked]:
        return refunds.unanswered(start, end)

    @allow_writer()
    def record_manual_payment(
        self, order_id: UUID, payment: ManualPayment, actor: Actor | None
    ) -> None:
        money.record_manual_payment(order_id, payment, actor)

    @allow_writer()
    def cancel(self, order_id: UUID, actor: Actor | None) -> None:
        hold.cancel(order_id, actor)

    @allow_writer()
    def add_note(self, order_id: UUID, message: str, actor: Actor | None) -> None:
        order = reading.find(order_id)
        user, app = user_and_app(actor)
        if actor is None:
            # Else the Dashboard says that somebody without a name has added it.
            app = dashboard_app.installed().first()
        if order is not None:
            order_note_added_event(order=order, user=user, app=app, message=message)

    @allow_writer()
    def show_state(self, order_id: UUID, state: Mapping[str, str | None]) -> bool:
        return listeners.show_state(order_id, state)

    @allow_writer()
    def tell_state(self, order_id: UUID) -> None:
        listeners.tell_state(order_id)

    def books(self) -> ShopBooks:
        return SaleorBooks()

    @allow_writer()
    def announce(self, news: LinkNews) -> None:
        listeners.announce(news)
