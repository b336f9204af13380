"""What differs between the Saleor versions that paylink runs in. All else is the same in them."""

import inspect

import saleor
import saleor.payment
from django.core.exceptions import ImproperlyConfigured
from saleor.account.models import User
from saleor.app.models import App
from saleor.order.actions import cancel_order
from saleor.order.calculations import fetch_order_prices_if_expired
from saleor.order.models import Order
from saleor.plugins.manager import PluginsManager
from saleor.site.models import SiteSettings

OLDEST, NEWEST = (3, 21), (3, 24)


def check(version: str = saleor.__version__) -> None:
    """Raises ImproperlyConfigured where Saleor is of a version that paylink does not know."""
    major, minor = (int(part) for part in version.split(".")[:2])
    if not OLDEST <= (major, minor) <= NEWEST:
        raise ImproperlyConfigured(
            "saleor-paylink works with Saleor "
            f"{'.'.join(map(str, OLDEST))} to {'.'.join(map(str, NEWEST))}, and this is "
            f"Saleor {version}. Install a release of saleor-paylink that was made for it."
        )


def refresh_prices(order: Order, manager: PluginsManager) -> None:
    """Recalculate what an edit has left stale; saves the order and its lines."""
    if "requestor" in inspect.signature(fetch_order_prices_if_expired).parameters:
        fetch_order_prices_if_expired(order, manager, None).get()  # from 3.23
    else:
        fetch_order_prices_if_expired(order, manager)


def cancel(
    order: Order,
    user: User | None,
    app: App | None,
    manager: PluginsManager,
    site_settings: SiteSettings,
) -> None:
    """Cancel the order with Saleor's own events, stock moves, mails and hooks."""
    if "site_settings" in inspect.signature(cancel_order).parameters:
        cancel_order(order, user, app, manager, site_settings)  # from 3.23
    else:
        cancel_order(order, user, app, manager)


def method_details(name: str, *, card: bool) -> dict[str, str]:
    """How the customer paid, as fields of a TransactionItem; from 3.22 on they are there."""
    kinds = getattr(saleor.payment, "PaymentMethodType", None)
    if kinds is None:
        return {}
    kind = kinds.CARD if card else kinds.OTHER
    return {"payment_method_type": kind, "payment_method_name": name[:256]}
