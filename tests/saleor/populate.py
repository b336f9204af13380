"""Fills an empty Saleor with the channels, people and goods of the stage."""

from decimal import Decimal

import graphene
from django.contrib.auth.hashers import make_password
from django.contrib.sites.models import Site
from saleor.account.models import Group, User
from saleor.app.models import App
from saleor.channel.models import Channel
from saleor.permission.enums import get_permissions, get_permissions_from_names
from saleor.plugins.manager import get_plugins_manager
from saleor.product.models import ProductVariant, ProductVariantChannelListing
from saleor.site.models import SiteSettings

from sandbox.stage import (
    APPS,
    CHANNELS,
    PASSWORD,
    PEOPLE,
    PLUGIN_ID,
    STOCK,
    STRIPE_SECRET_KEY,
    STRIPE_WEBHOOK_SECRET,
    VARIANTS,
    AppPlan,
    ChannelPlan,
    PersonPlan,
)
from tests.saleor.client import Api

ADDRESS = {
    "firstName": "Stage",
    "lastName": "Hand",
    "streetAddress1": "1 Main Street",
    "city": "New York",
    "country": "US",
    "countryArea": "NY",
    "postalCode": "10001",
}
STRIPE_KEYS = {
    "stripe-secret-key": STRIPE_SECRET_KEY,
    "stripe-webhook-secret": STRIPE_WEBHOOK_SECRET,
}


def populate() -> dict[str, dict[str, str]]:
    """Make everything; the ids of channels, variants and users, as the Stage holds them."""
    _make_site()
    people = {key: _make_person(plan) for key, plan in PEOPLE.items()}
    admin = Api("admin")
    channels = {plan.slug: _make_channel(admin, plan) for plan in CHANNELS}
    for key, plan in PEOPLE.items():
        _give_permissions(people[key], plan)
    _set_up_plugin()
    return {
        "channels": channels,
        "variants": _make_goods(admin, list(channels.values())),
        "users": {key: graphene.Node.to_global_id("User", user.pk) for key, user in people.items()},
        "apps": {key: _make_app(plan) for key, plan in APPS.items()},
    }


def _make_site() -> None:
    site = Site.objects.get_current()
    Site.objects.filter(pk=site.pk).update(name="Stage shop")
    SiteSettings.objects.update_or_create(
        site=site,
        defaults={
            "default_mail_sender_name": "Stage shop",
            "default_mail_sender_address": "shop@example.com",
        },
    )
    Site.objects.clear_cache()


def _make_person(plan: PersonPlan) -> User:
    return User.objects.create(
        email=plan.email,
        password=make_password(PASSWORD),
        is_staff=plan.staff,
        is_superuser=plan.superuser,
    )


def _make_channel(admin: Api, plan: ChannelPlan) -> str:
    result = admin.do(
        """mutation($input: ChannelCreateInput!) {
            channelCreate(input: $input) { channel { id } errors { field message } }
        }""",
        input={
            "name": plan.slug,
            "slug": plan.slug,
            "currencyCode": plan.currency,
            "defaultCountry": "US",
            "isActive": True,
            "orderSettings": {
                "automaticallyConfirmAllNewOrders": plan.auto_confirm,
                "expireOrdersAfter": plan.expire_after_minutes,
            },
        },
    )
    return str(result["channel"]["id"])


def _give_permissions(user: User, plan: PersonPlan) -> None:
    # Superusers too: only membership of a group lets staff see a channel's orders.
    permissions = get_permissions_from_names(plan.permissions)
    if plan.superuser:
        permissions = get_permissions()
    if not permissions:
        return
    group = Group.objects.create(
        name=plan.email, restricted_access_to_channels=plan.channels is not None
    )
    group.permissions.set(permissions)
    group.channels.set(Channel.objects.filter(slug__in=plan.channels or ()))
    group.user_set.add(user)


def _make_app(plan: AppPlan) -> str:
    app = App.objects.create(name=plan.name, is_active=True)
    app.permissions.set(get_permissions_from_names(plan.permissions))
    _stored, token = app.tokens.create(name="stage")
    return str(token)


def _set_up_plugin() -> None:
    for plan in CHANNELS:
        keys = STRIPE_KEYS if plan.has_key else {}
        get_plugins_manager(allow_replica=False).save_plugin_configuration(
            PLUGIN_ID,
            plan.slug,
            {
                "active": plan.plugin_active,
                "configuration": [{"name": name, "value": value} for name, value in keys.items()],
            },
        )


def _make_goods(admin: Api, channels: list[str]) -> dict[str, str]:
    warehouse = admin.do(
        """mutation($input: WarehouseCreateInput!) {
            createWarehouse(input: $input) { warehouse { id } errors { field message } }
        }""",
        input={"name": "Cellar", "address": ADDRESS},
    )["warehouse"]["id"]
    for channel in channels:
        admin.do(
            """mutation($id: ID!, $input: ChannelUpdateInput!) {
                channelUpdate(id: $id, input: $input) { channel { id } errors { field message } }
            }""",
            id=channel,
            input={"addWarehouses": [warehouse]},
        )
    admin.do(
        """mutation($input: ShippingZoneCreateInput!) {
            shippingZoneCreate(input: $input) { shippingZone { id } errors { field message } }
        }""",
        input={
            "name": "Everywhere",
            "default": True,
            "addWarehouses": [warehouse],
            "addChannels": channels,
        },
    )
    product_type = admin.do(
        """mutation($input: ProductTypeInput!) {
            productTypeCreate(input: $input) { productType { id } errors { field message } }
        }""",
        input={"name": "Handed over", "hasVariants": True, "isShippingRequired": False},
    )["productType"]["id"]
    category = admin.do(
        """mutation($input: CategoryInput!) {
            categoryCreate(input: $input) { category { id } errors { field message } }
        }""",
        input={"name": "Tableware"},
    )["category"]["id"]
    return {
        sku: _make_variant(admin, sku, product_type, category, warehouse, channels)
        for sku in VARIANTS
    }


def _make_variant(
    admin: Api, sku: str, product_type: str, category: str, warehouse: str, channels: list[str]
) -> str:
    product_name, name, price = VARIANTS[sku]
    product = admin.do(
        """mutation($input: ProductCreateInput!) {
            productCreate(input: $input) { product { id } errors { field message } }
        }""",
        input={"name": product_name, "productType": product_type, "category": category},
    )["product"]["id"]
    admin.do(
        """mutation($id: ID!, $input: ProductChannelListingUpdateInput!) {
            productChannelListingUpdate(id: $id, input: $input) { errors { field message } }
        }""",
        id=product,
        input={
            "updateChannels": [
                {"channelId": channel, "isPublished": True, "isAvailableForPurchase": True}
                for channel in channels
            ]
        },
    )
    variant = admin.do(
        """mutation($input: ProductVariantCreateInput!) {
            productVariantCreate(input: $input) { productVariant { id } errors { field message } }
        }""",
        input={
            "product": product,
            "sku": sku,
            "name": name,
            "attributes": [],
            "stocks": [{"warehouse": warehouse, "quantity": STOCK}],
        },
    )["productVariant"]["id"]
    _set_price(sku, price)
    return str(variant)


def _set_price(sku: str, price: Decimal) -> None:
    """Past the API, which takes no finer price than the channel's currency has."""
    variant = ProductVariant.objects.get(sku=sku)
    for channel in Channel.objects.all():
        ProductVariantChannelListing.objects.create(
            variant=variant,
            channel=channel,
            currency=channel.currency_code,
            price_amount=price,
            discounted_price_amount=price,
        )
