"""Who speaks through a token that the Dashboard, or we, gave to one of our frames."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import graphene
import jwt
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
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
from saleor.permission.enums import PaymentPermissions

from saleor_paylink.saleor import schema
from saleor_paylink.saleor.dashboard_app import frames_path, installed
from saleor_paylink.web.dashboard.desk import LONGEST_SESSION, Bearer, StaffToken

# Our claim in the tokens that we renew: when the Dashboard vouched for the user, in seconds since
# 1970. A token that came from the Dashboard itself has none; it was made for that purpose.
SINCE = "paylink_since"


class SaleorDesk:
    """saleor_paylink.web.dashboard.desk.Desk over Saleor's own tokens. Keeps no state."""

    @property
    def root(self) -> str:
        return f"{frames_path()}/"

    @property
    def graphql_path(self) -> str:
        return str(reverse("api"))

    @allow_writer()
    def renew(self, token: str) -> StaffToken | None:
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
    def bearer(self, request: HttpRequest, token: str) -> Bearer | None:
        claims = _claims(token)
        if claims is None or _app_of(claims) is None or _user_of(claims) is None:
            return None
        # Saleor has narrowed this one to what the token may do.
        info = _info(get_user_from_access_payload(claims))
        return Bearer(
            schema.has_permission(info, PaymentPermissions.HANDLE_PAYMENTS),
            schema.accessible_channels(info),
        )


def _info(user: User | None) -> Any:
    """As Saleor's resolvers are given it, as far as our rules of who may see what look at it. The
    primary knows of rights that were taken away a moment ago."""
    context = HttpRequest()
    vars(context).update(user=user, app=None, dataloaders={}, allow_replica=False)
    return SimpleNamespace(context=context)


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
    # Read anew: Saleor has narrowed that one to what the old token may do.
    return User.objects.filter(pk=user.pk, is_active=True, is_staff=True).first() if user else None


def _token(app: App, user: User, since: int) -> str:
    """What Saleor gives the user's Dashboard for the App's own page, with our claim added."""
    made = jwt_decode(create_access_token_for_app(app, user))
    token: str = jwt_encode({**made, SINCE: since})
    return token
