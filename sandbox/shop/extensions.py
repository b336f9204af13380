"""Paylink's App in the Dashboard: what it shows there, and the tokens that its frames are given.

In Saleor these are rows and JWTs; here the App is always installed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing

from saleor_paylink.web.dashboard.desk import LONGEST_SESSION, Bearer, StaffToken
from sandbox.shop.models import User
from sandbox.stage import DOOR_ID

SALT = "sandbox.shop.extension"
# As Saleor's JWT_TTL_APP_ACCESS.
LIFETIME = timedelta(minutes=5)

APP_PERMISSIONS = ("MANAGE_ORDERS", "HANDLE_PAYMENTS")
ROOT = f"/plugins/{DOOR_ID}/dashboard/"


@dataclass(frozen=True)
class Extension:
    """A place in the Dashboard where a frame is shown, to those who hold its permissions."""

    pk: int
    label: str
    identifier: str
    mount: str
    target: str
    path: str
    permissions: tuple[str, ...] = ("MANAGE_ORDERS",)

    @property
    def url(self) -> str:
        """Absolute, but for an APP_PAGE, whose path is joined to the App's own URL."""
        return self.path if self.target == "APP_PAGE" else app_url() + self.path


EXTENSIONS = (
    Extension(1, "Payment links", "paylink-widget", "ORDER_DETAILS_WIDGETS", "WIDGET", "/widget"),
    Extension(
        2, "Collect payment", "paylink-prompt", "ORDER_DETAILS_MORE_ACTIONS", "POPUP", "/prompt"
    ),
    Extension(3, "Payment links", "paylink-links", "NAVIGATION_ORDERS", "APP_PAGE", "/links"),
    Extension(
        4,
        "Earnings",
        "paylink-earnings",
        "NAVIGATION_ORDERS",
        "APP_PAGE",
        "/earnings",
        ("HANDLE_PAYMENTS",),
    ),
)


def app_url() -> str:
    return settings.PUBLIC_URL + ROOT.rstrip("/")


def extension_token(extension: Extension, user: User) -> str | None:
    """What the Dashboard hands to a frame that `user` looks at; None: it is not shown to them."""
    if not all(user.has_permission(each) for each in extension.permissions):
        return None
    return _token(user, extension.permissions, datetime.now(UTC))


def user_of_token(token: str) -> User | None:
    """The user for whom such a token speaks, who may do no more than it says."""
    claims = _claims(token)
    user = User.objects.filter(pk=claims["user"], is_staff=True).first() if claims else None
    if claims is None or user is None:
        return None
    user.limited_to = frozenset(claims["permissions"])
    return user


class SandboxDesk:
    """saleor_paylink.web.dashboard.desk.Desk over the sandbox's tokens."""

    root = ROOT
    graphql_path = "/graphql/"

    def renew(self, token: str) -> StaffToken | None:
        claims = _claims(token)
        if claims is None:
            return None
        since = datetime.fromisoformat(claims["since"])
        user = User.objects.filter(pk=claims["user"], is_staff=True).first()
        if user is None or datetime.now(UTC) - since >= LONGEST_SESSION:
            return None
        return StaffToken(_token(user, APP_PERMISSIONS, since), LIFETIME)

    def bearer(self, token: str) -> Bearer | None:
        user = user_of_token(token)
        if user is None:
            return None
        return Bearer(user.has_permission("HANDLE_PAYMENTS"), user.staffed_channels)


def _token(user: User, permissions: tuple[str, ...], since: datetime) -> str:
    held = [each for each in permissions if user.has_permission(each)]
    claims = {"user": user.pk, "permissions": held, "since": since.isoformat()}
    return signing.dumps(claims, salt=SALT)


def _claims(token: str) -> dict[str, Any] | None:
    try:
        claims: dict[str, Any] = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return None
    return claims
