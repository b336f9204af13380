"""The app by which Saleor's Dashboard shows paylink's frames: its rows, kept in step.

Saleor would install an app from a manifest; ours lives in the same process, so that its rows are
written as they would have come out of one. It has no token and hears of no events.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from django.conf import settings
from django.contrib.sites.models import Site
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from saleor.app.models import App, AppExtension
from saleor.app.types import AppType
from saleor.core.utils import build_absolute_uri
from saleor.core.utils.events import call_event
from saleor.permission.enums import OrderPermissions, PaymentPermissions, get_permissions
from saleor.plugins.manager import get_plugins_manager

from saleor_paylink.operating.findings import Finding, failure, ok, warning
from saleor_paylink.saleor.configuration import PLUGIN_ID
from saleor_paylink.saleor.paths import frames_path

IDENTIFIER = PLUGIN_ID
NAME = "Payment links"
PROMPT = "paylink-prompt"
SUBJECT = "dashboard app"

RUN_SETUP = "Run manage.py paylink_setup."
SWITCH_ON = f"Switch on the extension {NAME} in the Dashboard if staff are to see it."

Permissions = tuple[Any, ...]
# What every frame may ask for, and what staff need to see one at all.
APP_PERMISSIONS: Permissions = (OrderPermissions.MANAGE_ORDERS, PaymentPermissions.HANDLE_PAYMENTS)
FRAME_PERMISSIONS: Permissions = (OrderPermissions.MANAGE_ORDERS,)
EARNINGS_PERMISSIONS: Permissions = (PaymentPermissions.HANDLE_PAYMENTS,)

APP_PAGE = "app_page"


@dataclass(frozen=True)
class Frame:
    """One extension. Its place tells it from the others."""

    label: str
    mount: str
    target: str
    url: str
    fields: tuple[tuple[str, Any], ...] = ()
    """What only some Saleor versions have a column for."""
    permissions: Permissions = FRAME_PERMISSIONS

    @property
    def place(self) -> tuple[str, str, str]:
        return place_of(self.mount, self.target, self.url)

    @property
    def columns(self) -> dict[str, Any]:
        return {"label": self.label, "url": self.url, **dict(self.fields)}


def place_of(mount: str, target: str, url: str) -> tuple[str, str, str]:
    """A frame's mount and target, and the page's path where there can be several pages. Another
    URL is otherwise the same frame at another address."""
    return mount, target, url if target == APP_PAGE else ""


def frame_url(name: str = "") -> str:
    """The absolute URL of a frame; without a name, of the app itself."""
    path = f"{frames_path()}/{name}" if name else frames_path()
    return str(build_absolute_uri(path))


def installed() -> "QuerySet[App]":
    """Our app, switched on or off; empty where it was never installed, or was removed."""
    return App.objects.filter(identifier=IDENTIFIER, removed_at__isnull=True).order_by("pk")


def frames() -> list[Frame]:
    """What this Saleor's Dashboard can show.

    It has one label of each for all staff, whatever their languages: the shop's, LANGUAGE_CODE.
    """
    with translation.override(settings.LANGUAGE_CODE):
        return _labelled_frames()


def _labelled_frames() -> list[Frame]:
    known = {field.name for field in AppExtension._meta.get_fields()}
    identified = (("identifier", PROMPT),) if "identifier" in known else ()
    popup = Frame(
        _("Collect payment"), "order_details_more_actions", "popup", frame_url("prompt"), identified
    )
    # The Dashboard puts an app page's URL behind the app's.
    links = Frame(_("Payment links"), "navigation_orders", APP_PAGE, "/links")
    earnings = Frame(
        _("Earnings"),
        "navigation_orders",
        APP_PAGE,
        "/earnings",
        permissions=EARNINGS_PERMISSIONS,
    )
    if "settings" not in known:
        return [popup, links, earnings]  # 3.21
    by_get = (("http_target_method", "GET"), ("settings", {"widgetTarget": {"method": "GET"}}))
    widget = Frame(
        _("Payment links"), "order_details_widgets", "widget", frame_url("widget"), by_get
    )
    return [widget, popup, links, earnings]


def write() -> Finding:
    """Install the app or bring it up to date. One that staff switched off stays off."""
    with transaction.atomic():
        _lock()
        app = installed().first()
        made = app is None
        if app is None:
            app = App(identifier=IDENTIFIER)
        changed = _bring(app, _app_columns(), APP_PERMISSIONS) | _write_frames(app)
    if made:
        call_event(get_plugins_manager(allow_replica=False).app_installed, app)
    if not app.is_active:
        return warning(SUBJECT, "It is up to date, and switched off.", SWITCH_ON)
    what = "installed" if made else "updated" if changed else "up to date"
    return ok(SUBJECT, f"It is {what}.")


def remove() -> Finding:
    """Remove the app as Saleor does: its rows are deleted after a while."""
    with transaction.atomic():
        _lock()
        apps = list(installed())
        installed().update(removed_at=timezone.now(), is_active=False)
    for app in apps:
        app.refresh_from_db()
        call_event(get_plugins_manager(allow_replica=False).app_deleted, app)
    return ok(SUBJECT, "It is removed." if apps else "There was none.")


def _lock() -> None:
    # Of the app itself there may be no row yet, and nothing keeps two of them from coming to be.
    Site.objects.select_for_update(of=("self",)).get(pk=Site.objects.get_current().pk)


def _app_columns() -> dict[str, Any]:
    with translation.override(settings.LANGUAGE_CODE):
        about = _("Collects an automated payment for an order made by hand.")
    return {
        "name": NAME,
        "type": AppType.THIRDPARTY,
        "is_installed": True,
        "app_url": frame_url(),
        "version": version("saleor-paylink"),
        "author": "saleor-paylink",
        "about_app": about,
    }


def _write_frames(app: App) -> bool:
    """One row for each frame, none for anything else. Whether anything was otherwise."""
    rows = [(_row_of(app, frame), frame) for frame in frames()]
    # Those that are ours no more go first: an identifier is given once within an app.
    gone = AppExtension.objects.filter(app=app).exclude(
        pk__in=[row.pk for row, _frame in rows if row.pk]
    )
    deleted, _by_kind = gone.delete()
    changed = [_bring(row, frame.columns, frame.permissions) for row, frame in rows]
    return bool(deleted) or any(changed)


def _row_of(app: App, frame: Frame) -> AppExtension:
    place = {"app": app, "mount": frame.mount, "target": frame.target}
    there = AppExtension.objects.filter(**place).order_by("pk")
    found = (row for row in there if place_of(row.mount, row.target, row.url) == frame.place)
    return next(found, None) or AppExtension(**place)


def _bring(row: Any, columns: dict[str, Any], permissions: Permissions) -> bool:
    """Make the row as it should be; whether it was not."""
    if row.pk and _is(row, columns, permissions):
        return False
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()
    row.permissions.set(get_permissions([each.value for each in permissions]))
    return True


def _is(row: Any, columns: dict[str, Any], permissions: Permissions) -> bool:
    given = {f"{each.content_type.app_label}.{each.codename}" for each in row.permissions.all()}
    return given == {each.value for each in permissions} and all(
        getattr(row, name) == value for name, value in columns.items()
    )


def check() -> Iterator[Finding]:
    """Whether staff see in the Dashboard what they should."""
    apps = list(installed())
    if not apps:
        yield failure(SUBJECT, "Staff see nothing of paylink.", RUN_SETUP)
        return
    app = apps[0]
    if len(apps) > 1:
        yield warning(SUBJECT, "It is there twice.", f"Remove one extension named {NAME}.")
    if not app.is_active:
        yield warning(SUBJECT, "It is switched off.", SWITCH_ON)
    elif _is_behind(app):
        yield failure(SUBJECT, "It is not as paylink_setup writes it now.", RUN_SETUP)
    else:
        yield ok(SUBJECT, f"It is there, with {len(frames())} extensions.")


def _is_behind(app: App) -> bool:
    rows = {place_of(row.mount, row.target, row.url): row for row in app.extensions.all()}
    wanted = {frame.place: frame for frame in frames()}
    if rows.keys() != wanted.keys() or app.extensions.count() != len(wanted):
        return True
    return not _is(app, _app_columns(), APP_PERMISSIONS) or any(
        not _is(rows[place], frame.columns, frame.permissions) for place, frame in wanted.items()
    )
