"""The stage: what a running shop for trying and testing holds, on the sandbox and in a real Saleor.

Both shops are filled with the same channels, people and goods, so that the demo and the
behaviour suite play on either without knowing which it is.
"""

import json
from dataclasses import asdict, dataclass, field
from decimal import Decimal

PLUGIN_ID = "saleor.paylink"
DOOR_ID = "saleor.paylink.door"
STRIPE_SECRET_KEY = "sk_test_stage"
STRIPE_WEBHOOK_SECRET = "whsec_stage"
PASSWORD = "stage-password"


@dataclass(frozen=True)
class ChannelPlan:
    """A channel to be made. `has_key` says whether Stripe is configured in it."""

    slug: str
    currency: str
    auto_confirm: bool = True
    plugin_active: bool = True
    has_key: bool = True
    expire_after_minutes: int | None = None


CHANNELS = (
    ChannelPlan("default-channel", "USD"),
    ChannelPlan("channel-eur", "EUR", auto_confirm=False),
    ChannelPlan("channel-jpy", "JPY"),
    ChannelPlan("channel-kwd", "KWD"),
    ChannelPlan("channel-expiring", "USD", auto_confirm=False, expire_after_minutes=1),
    ChannelPlan("channel-inactive", "USD", plugin_active=False),
    ChannelPlan("channel-keyless", "USD", has_key=False),
)


@dataclass(frozen=True)
class PersonPlan:
    """A user to be made. `channels` limits a staff user's group; None: every channel."""

    email: str
    staff: bool = True
    superuser: bool = False
    permissions: tuple[str, ...] = ()
    channels: tuple[str, ...] | None = None


PEOPLE = {
    "admin": PersonPlan("admin@example.com", superuser=True),
    "cashier": PersonPlan("cashier@example.com", permissions=("MANAGE_ORDERS", "HANDLE_PAYMENTS")),
    "clerk": PersonPlan("clerk@example.com", permissions=("MANAGE_ORDERS",)),
    "treasurer": PersonPlan("treasurer@example.com", permissions=("HANDLE_PAYMENTS",)),
    "foreigner": PersonPlan(
        "foreigner@example.com",
        permissions=("MANAGE_ORDERS", "HANDLE_PAYMENTS"),
        channels=("channel-jpy",),
    ),
    "outsider": PersonPlan("outsider@example.com", permissions=("MANAGE_PRODUCTS",)),
    "customer": PersonPlan("customer@example.com", staff=False),
    "stranger": PersonPlan("stranger@example.com", staff=False),
}


@dataclass(frozen=True)
class AppPlan:
    """An app to be made."""

    name: str
    permissions: tuple[str, ...] = ()


APPS = {
    "back-office": AppPlan("Back office", permissions=("MANAGE_ORDERS", "HANDLE_PAYMENTS")),
    "collector": AppPlan("Collector", permissions=("MANAGE_ORDERS",)),
    "catalogue": AppPlan("Catalogue", permissions=("MANAGE_PRODUCTS",)),
}

# Prices by variant SKU, the same figure in every channel; no taxes, shipping is not required.
VARIANTS = {
    "MUG": ("Mug", "Blue", Decimal("12.50")),
    "PLATE": ("Plate", "Large", Decimal("30")),
    "CRUMB": ("Crumb", "Single", Decimal("0.125")),
    "GIFT": ("Gift", "Free of charge", Decimal("0")),
}
STOCK = 100_000
# What the sandbox has pictures of, by SKU.
PICTURES = {"MUG": "mug", "PLATE": "plate"}


def thumbnail_url(shop_url: str, sku: str) -> str | None:
    """Where the sandbox has a picture of a variant."""
    return f"{shop_url}/thumbnail/{PICTURES[sku]}/" if sku in PICTURES else None


@dataclass(frozen=True)
class Stage:
    """Where a running stage is found, and the global ids of what it holds.

    `channels` maps slugs, `variants` SKUs and `users` the keys of PEOPLE to global ids; `apps`
    the keys of APPS to the tokens that speak for them, and `pictures` SKUs to the addresses of
    their thumbnails, where the shop has any. Without a `dashboard_url` there is none.
    """

    shop: str
    shop_url: str
    simulator_url: str
    mailbox_url: str
    dashboard_url: str = ""
    channels: dict[str, str] = field(default_factory=dict)
    variants: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    apps: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)

    @property
    def graphql_url(self) -> str:
        return f"{self.shop_url}/graphql/"

    def plugin_url(self, channel: str, path: str) -> str:
        """The URL of a path of saleor_paylink.web.urls in a channel."""
        return f"{self.shop_url}/plugins/channel/{channel}/{PLUGIN_ID}/{path}"

    def webhook_url(self, channel: str, provider: str = "stripe") -> str:
        """Where a channel hears of a provider's events."""
        return f"{self.shop_url}/plugins/{DOOR_ID}/webhooks/{provider}/{channel}"

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Stage":
        return cls(**json.loads(text))
