"""Fills an empty shop with the channels, people and goods of the stage."""

import secrets
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from graphene import Node

from sandbox.shop.models import App, Channel, ProductVariant, User
from sandbox.stage import (
    APPS,
    CHANNELS,
    PASSWORD,
    PEOPLE,
    STOCK,
    STRIPE_SECRET_KEY,
    STRIPE_WEBHOOK_SECRET,
    VARIANTS,
    Stage,
    thumbnail_url,
)

STRIPE_KEYS = {
    "stripe-secret-key": STRIPE_SECRET_KEY,
    "stripe-webhook-secret": STRIPE_WEBHOOK_SECRET,
}


@transaction.atomic
def populate() -> None:
    """Make everything; nothing if the shop has channels already."""
    if Channel.objects.exists():
        return
    for plan in CHANNELS:
        Channel.objects.create(
            slug=plan.slug,
            currency=plan.currency,
            auto_confirm=plan.auto_confirm,
            expire_after_minutes=plan.expire_after_minutes,
            plugin_active=plan.plugin_active,
            plugin_values=STRIPE_KEYS if plan.has_key else {},
        )
    password = make_password(PASSWORD)
    for person in PEOPLE.values():
        User.objects.create(
            email=person.email,
            password=password,
            is_staff=person.staff,
            is_superuser=person.superuser,
            permissions=person.permissions,
            channels=person.channels,
        )
    for app in APPS.values():
        App.objects.create(
            name=app.name, token=secrets.token_hex(15), permissions=list(app.permissions)
        )
    for sku, (product, name, price) in VARIANTS.items():
        ProductVariant.objects.create(
            sku=sku, product_name=product, name=name, price=price, stock=STOCK
        )


def describe(shop_url: str, simulator_url: str, mailbox_url: str, dashboard_url: str = "") -> Stage:
    """The stage as it stands in the database, at these addresses."""
    people = _ids(User, "User", "email")
    tokens = dict(App.objects.values_list("name", "token"))
    return Stage(
        shop="sandbox",
        shop_url=shop_url,
        simulator_url=simulator_url,
        mailbox_url=mailbox_url,
        dashboard_url=dashboard_url,
        channels=_ids(Channel, "Channel", "slug"),
        variants=_ids(ProductVariant, "ProductVariant", "sku"),
        users={key: people[person.email] for key, person in PEOPLE.items()},
        apps={key: tokens[app.name] for key, app in APPS.items()},
        pictures={sku: url for sku in VARIANTS if (url := thumbnail_url(shop_url, sku))},
    )


def _ids(model: Any, type_name: str, key: str) -> dict[str, str]:
    rows = model.objects.values_list(key, "pk")
    return {name: Node.to_global_id(type_name, pk) for name, pk in rows}
