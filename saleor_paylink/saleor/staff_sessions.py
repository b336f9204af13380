"""Who speaks through a token that the Dashboard, or we, gave to one of our frames."""

from datetime import UTC, datetime
from typing import Any

import graphene
import jwt
from django.conf import settings
from django.http import HttpRequest
from saleor.account.models import User
from saleor.app.models import App
from saleor.core.db.connection import allow_writer
from saleor.core.jwt import (
    APP_KEY_FIELD,
    JWT_THIRDPARTY_ACCESS_TYPE,
    create_access_token_for_app,
    get_user_from_access_payload,
    jwt_decode,
    jwt_encode,
)
from saleor.permission.enums import BasePermissionEnum

from saleor_paylink.saleor.dashboard_app import installed
from saleor_paylink.web.dashboard.desk import LONGEST_SESSION, StaffToken

# Our claim in the tokens that we renew: when the Dashboard vouched for the user, in seconds since
# 1970. A token that came from the Dashboard itself has none; it was made for that purpose.
SINCE = "paylink_since"

# What was found for a request, kept in its context.
HELD = "_paylink_held"


@allow_writer()
def renew(token: str) -> StaffToken | None:
    """See saleor_paylink.web.dashboard.desk.Desk."""
    claims = _claims(token)
    if claims is None:
        return None
    app, user = _app_of(claims), _user_of(claims)
    if app is None or user is None:
        return None
    since = claims.get(SINCE, claims["iat"])
    if datetime.now(UTC) - datetime.fromtimestamp(since, UTC) >= LONGEST_SESSION:
        return None
    lifetime = settings.JWT_TTL_APP_ACCESS  # type: ignore[misc]
    return StaffToken(_token(app, user, since), lifetime)


@allow_writer()
def context_of(token: str) -> HttpRequest | None:
    """What Saleor's GraphQL would make of a request with a token of our App's, as far as the rules
    of who may see what look at it; None for any other token."""
    claims = _claims(token)
    if claims is None or _app_of(claims) is None or _user_of(claims) is None:
        return None
    context = HttpRequest()
    # Saleor has narrowed this user to what the token says.
    user = get_user_from_access_payload(claims)
    # A replica may not know yet what was taken from them a moment ago.
    vars(context).update(
        user=user, app=None, decoded_auth_token=claims, dataloaders={}, allow_replica=False
    )
    return context


def still_holds(context: Any, permission: BasePermissionEnum) -> bool:
    """Whether a user who speaks through an App's token holds a permission this very moment.

    Saleor believes such a token until it ends, whatever was taken from the user or the App
    meanwhile (`saleor.core.jwt.get_user_from_access_payload`). Other requestors it reads anew.
    """
    claims = context.decoded_auth_token
    if not claims or claims.get("type") != JWT_THIRDPARTY_ACCESS_TYPE:
        return True
    if not hasattr(context, HELD):
        setattr(context, HELD, _held_now(context.user, claims))
    return permission.codename in getattr(context, HELD)


@allow_writer()
def _held_now(narrowed: User | None, claims: dict[str, Any]) -> frozenset[str]:
    """The codenames of what both the App and the user may do now."""
    _, pk = graphene.Node.from_global_id(claims[APP_KEY_FIELD])
    app = App.objects.filter(pk=pk, is_active=True, removed_at__isnull=True).first()
    user = narrowed and _staff(narrowed.pk)
    if app is None or user is None:
        return frozenset()
    held = app.permissions.values_list("codename", flat=True)
    return frozenset(held) & frozenset(
        user.effective_permissions.values_list("codename", flat=True)
    )


def _claims(token: str) -> dict[str, Any] | None:
    """What Saleor says with the token. It signs many kinds with the same key: only those that
    it makes for apps are meant here."""
    try:
        claims: dict[str, Any] = jwt_decode(token)
    except jwt.PyJWTError:
        return None
    return claims if claims.get("type") == JWT_THIRDPARTY_ACCESS_TYPE else None


def _app_of(claims: dict[str, Any]) -> App | None:
    """Our App, if the token is one of its own."""
    for app in installed().filter(is_active=True):
        if claims.get(APP_KEY_FIELD) == graphene.Node.to_global_id("App", app.pk):
            return app
    return None


def _user_of(claims: dict[str, Any]) -> User | None:
    try:
        user = get_user_from_access_payload(claims)
    except jwt.PyJWTError:
        return None
    return _staff(user.pk) if user else None


def _staff(pk: int) -> User | None:
    """Read anew: Saleor narrows the one who comes with a token to what that token says."""
    return User.objects.filter(pk=pk, is_active=True, is_staff=True).first()


def _token(app: App, user: User, since: int) -> str:
    """What Saleor gives the user's Dashboard for the App's own page, with our claim added."""
    made = jwt_decode(create_access_token_for_app(app, user))
    token: str = jwt_encode({**made, SINCE: since})
    return token
