"""The plugin that Saleor loads: its settings, its hooks and its pages."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotFound
from saleor.channel.models import Channel
from saleor.order import OrderOrigin
from saleor.order.models import Order
from saleor.payment.interface import TransactionActionData
from saleor.plugins.base_plugin import BasePlugin
from saleor.plugins.models import PluginConfiguration

from saleor_paylink.conf import ChannelSettings
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.channels import follow_names
from saleor_paylink.links.offers import order_completed
from saleor_paylink.links.reminders import reckon
from saleor_paylink.saleor import configuration, hold, listeners, refunds
from saleor_paylink.saleor.actors import actor_of
from saleor_paylink.saleor.guarding import after_commit
from saleor_paylink.saleor.paths import plugin_path
from saleor_paylink.web.serve import serve

MADE_BY_STAFF = (OrderOrigin.DRAFT, OrderOrigin.REISSUE)
# On an order's object, in memory: it came into being just now, and Saleor tells of that.
JUST_MADE = "_paylink_just_made"


class PaylinkPlugin(BasePlugin):
    """One instance per channel and request; keeps no state.

    Saleor catches nothing that a hook raises, so each only queues its work behind the
    commit, guarded.
    """

    PLUGIN_ID = configuration.PLUGIN_ID
    PLUGIN_NAME = "Payment links"
    PLUGIN_DESCRIPTION = (
        "Collects an automated payment for an order made by hand: staff share one secure "
        "link, and the customer pays online."
    )
    CONFIGURATION_PER_CHANNEL = True
    DEFAULT_ACTIVE = False
    CONFIG_STRUCTURE = configuration.structure()
    DEFAULT_CONFIGURATION = configuration.defaults()

    @classmethod
    def validate_plugin_configuration(
        cls, plugin_configuration: PluginConfiguration, **kwargs: Any
    ) -> None:
        configuration.check(
            ChannelSettings(
                plugin_configuration.channel.slug,
                plugin_configuration.active,
                configuration.values_of(plugin_configuration.configuration),
            )
        )

    def order_created(self, order: Order, previous_value: Any, webhooks: Any = None) -> Any:
        setattr(order, JUST_MADE, True)
        if order.origin in MADE_BY_STAFF:
            after_commit(listeners.disown, order)
            after_commit(self._offer, order)
        return previous_value

    def _offer(self, order: Order) -> None:
        # Saleor's requestor is a lazy object: it is only looked at here, where it may fail.
        order_completed(order.pk, self._settings, actor_of(self.requestor))

    def draft_order_created(self, order: Order, previous_value: Any, webhooks: Any = None) -> Any:
        if order.origin == OrderOrigin.REISSUE:
            after_commit(listeners.disown, order)
        return previous_value

    def _order_moved(self, order: Order, previous_value: Any, webhooks: Any = None) -> Any:
        after_commit(order_changed, order.pk)
        return previous_value

    # Saleor tells `order_updated` with most of what happens to an order, but not with all.
    order_updated = _order_moved
    order_cancelled = _order_moved
    order_expired = _order_moved
    order_fulfilled = _order_moved

    def _order_moved_on(self, order: Order, previous_value: Any, webhooks: Any = None) -> Any:
        # An order can be made paid and confirmed. That is what we have seen of it already.
        if hasattr(order, JUST_MADE):
            return previous_value
        return self._order_moved(order, previous_value)

    order_fully_paid = _order_moved_on
    order_confirmed = _order_moved_on

    def order_metadata_updated(
        self, order: Order, previous_value: Any, webhooks: Any = None
    ) -> Any:
        # There staff stop reminders.
        if not listeners.is_told_by_us(order):
            after_commit(reckon, order.pk)
        return previous_value

    def _action_requested(
        self, transaction_data: TransactionActionData, previous_value: Any
    ) -> Any:
        refunds.action_requested(transaction_data, self.channel.slug, self.requestor)
        return previous_value

    transaction_refund_requested = _action_requested
    transaction_charge_requested = _action_requested
    transaction_cancelation_requested = _action_requested

    def channel_updated(self, channel: Channel, previous_value: Any, webhooks: Any = None) -> Any:
        after_commit(hold.keep_from_expiring, channel.pk)
        after_commit(follow_names)
        return previous_value

    def webhook(self, request: HttpRequest, path: str, previous_value: Any) -> HttpResponseBase:
        """The customer's pages. What is of no channel is served by saleor.door."""
        root = plugin_path(self.channel.slug) if self.channel and self.active else None
        if root is None or not request.path.startswith(root):
            return HttpResponseNotFound()
        return serve(request, self._settings, request.path.removeprefix(root))

    @property
    def _settings(self) -> ChannelSettings:
        values = configuration.values_of(self.configuration)
        return ChannelSettings(self.channel.slug, self.active, values)
