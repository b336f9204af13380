"""`manage.py paylink_check`: what has to be right in this Saleor, and whether it is."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import override_settings
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from saleor.app.models import AppExtension
from saleor.channel.models import Channel

from saleor_paylink.models import ProviderEvent
from saleor_paylink.operating.findings import Level
from saleor_paylink.saleor import checks, dashboard_app
from saleor_paylink.saleor.door import PaylinkDoor
from tests.saleor.installation import (
    about,
    configure,
    endpoints,
    kept,
    new_key,
    not_migrated,
    row,
    run,
)

ONE = "channel-keyless"


@pytest.fixture(autouse=True)
def _kept() -> Iterator[None]:
    with kept():
        yield
    PeriodicTask.objects.filter(name="saleor-paylink-sweep").delete()


@pytest.fixture
def alone() -> str:
    """The key of the only channel in which the plugin is on, set up with an account of its own."""
    key = new_key()
    configure(ONE, active=False, key=key)
    for slug in Channel.objects.exclude(slug=ONE).values_list("slug", flat=True):
        row(slug).update(active=False)
    run("paylink_setup")
    return key


def scheduled(ago: timedelta | None = timedelta(minutes=1), *, enabled: bool = True) -> None:
    every = IntervalSchedule.objects.create(every=1, period="minutes")
    PeriodicTask.objects.create(
        name="saleor-paylink-sweep",
        task="x",
        interval=every,
        enabled=enabled,
        last_run_at=None if ago is None else timezone.now() - ago,
    )


def test_an_installation_that_works_has_no_failure(alone: str) -> None:
    scheduled()

    status, lines = run("paylink_check")

    hook = f"{settings.PUBLIC_URL}/plugins/saleor.paylink.door/webhooks/stripe/{ONE}"
    assert [line for line in lines if line.startswith("FAILURE")] == []
    assert status == 0
    assert about(lines, "mode") == ["ok : All channels are in test mode."]
    assert about(lines, f"stripe key of {ONE}") == ["ok : It is accepted (test: no money moves)."]
    assert about(lines, f"stripe webhooks of {ONE}") == [f"ok : Events are posted to {hook}."]
    assert about(lines, f"stripe signature in {ONE}") == ["ok : A signed webhook is accepted."]
    assert about(lines, "mail") == [
        "warning : The sender's address is a placeholder. — Set it in the site's settings.",
        "ok : The mail server takes us in.",
    ]
    assert about(lines, "sweeper") == ["ok : It goes round."]
    assert about(lines, "dashboard app")[0].startswith("ok : It is there, with ")
    assert lines[-1].startswith("0 failures, ")


def test_no_secret_is_printed(alone: str) -> None:
    _status, lines = run("paylink_check")

    secret = next(
        item["value"]
        for item in row(ONE).get().configuration
        if item["name"] == "stripe-webhook-secret"
    )
    assert alone not in "".join(lines)
    assert secret not in "".join(lines)


def test_it_changes_nothing(alone: str) -> None:
    before = row(ONE).get().configuration, ProviderEvent.objects.count(), endpoints(alone)

    run("paylink_check")

    after = row(ONE).get().configuration, ProviderEvent.objects.count(), endpoints(alone)
    assert after == before


def test_where_migrate_was_forgotten_it_says_so_and_nothing_else() -> None:
    with not_migrated():
        status, lines = run("paylink_check")

    assert lines == [
        "FAILURE  database: It lacks tables of paylink. — Run manage.py migrate.",
        "1 failures, 0 warnings.",
    ]
    assert status == 1


def test_a_plugin_that_is_on_nowhere_is_a_failure() -> None:
    for slug in Channel.objects.values_list("slug", flat=True):
        row(slug).update(active=False)

    status, lines = run("paylink_check")

    assert about(lines, "plugin") == [
        "FAILURE : It is switched on in no channel. — Run manage.py paylink_setup."
    ]
    assert status == 1
    assert lines[-1].split(",")[0] != "0 failures"


def test_a_channel_that_is_on_without_a_key_is_a_failure(alone: str) -> None:
    configure(ONE, active=True)

    _status, lines = run("paylink_check")

    (line,) = about(lines, f"plugin in {ONE}")
    assert line.startswith("FAILURE : It is switched on, and there is no provider's key.")


def test_a_key_that_was_revoked_is_a_failure(alone: str) -> None:
    configure(ONE, active=True, key="sk_test_invalid_now", secret="whsec_x")

    status, lines = run("paylink_check")

    (line,) = about(lines, f"stripe key of {ONE}")
    assert line.startswith("FAILURE : Stripe does not accept the key")
    assert status == 1


def test_an_endpoint_that_refuses_what_is_signed_is_a_failure(
    alone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PaylinkDoor, "webhook", lambda *_, **__: HttpResponse(status=400))

    _status, lines = run("paylink_check")

    (line,) = about(lines, f"stripe signature in {ONE}")
    assert line.startswith("FAILURE : A signed webhook is answered with HTTP 400.")


def test_channels_of_two_modes_are_a_warning(alone: str) -> None:
    configure("default-channel", active=True, key=new_key("sk_live"), secret="whsec_x")

    _status, lines = run("paylink_check")

    (line,) = about(lines, "mode")
    assert line.startswith(f"warning : Live in default-channel; test in {ONE}.")
    (address,) = about(lines, "public address")
    assert address.startswith(f"FAILURE : {settings.PUBLIC_URL} is not reached")


@pytest.mark.parametrize(
    ("arrange", "message"),
    [
        (lambda: None, "It is in no schedule, or switched off there."),
        (lambda: scheduled(enabled=False), "It is in no schedule, or switched off there."),
        (lambda: scheduled(None), "It was never begun."),
    ],
)
def test_a_sweeper_that_does_not_go_round_is_a_failure(
    alone: str, arrange: object, message: str
) -> None:
    arrange()  # type: ignore[operator]

    status, lines = run("paylink_check")

    (line,) = about(lines, "sweeper")
    assert line.startswith(f"FAILURE : {message}")
    assert status == 1


# Channels


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"is_active": False}, "It is inactive"),
        ({"automatically_confirm_all_new_orders": True}, "It confirms orders by itself"),
        ({"expire_orders_after": 90}, "It lets orders expire after 90 minutes"),
        ({"order_mark_as_paid_strategy": "payment_flow"}, "Saleor's Mark as paid makes a payment"),
    ],
)
def test_what_fights_the_hold_is_a_warning(change: dict[str, object], message: str) -> None:
    calm = {
        "is_active": True,
        "automatically_confirm_all_new_orders": False,
        "expire_orders_after": None,
        "order_mark_as_paid_strategy": "transaction_flow",
    }
    (quiet,) = checks.channel_settings(Channel(slug="calm", **calm))
    (found,) = checks.channel_settings(Channel(slug="odd", **{**calm, **change}))

    assert (quiet.level, quiet.message) == (Level.OK, "Nothing in its settings fights the hold.")
    assert (found.level, found.subject) == (Level.WARNING, "channel odd")
    assert found.message.startswith(message)
    assert found.fix


# The app in the Dashboard


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            {"PAYLINK_DASHBOARD_URL": "https://dashboard.example/"},
            "ok : The frames are shown at https://dashboard.example (by PAYLINK_DASHBOARD_URL).",
        ),
        (
            {"PAYLINK_DASHBOARD_URL": "dashboard.example"},
            "FAILURE : A value of PAYLINK_DASHBOARD_URL is no URL. — Set "
            "PAYLINK_DASHBOARD_URL to where the Dashboard is: https://..., several by commas.",
        ),
        (
            {"ALLOWED_CLIENT_HOSTS": ["*"]},
            "warning : Only a Dashboard at Saleor's own address shows the frames. — Set "
            "PAYLINK_DASHBOARD_URL to where the Dashboard is: https://..., several by commas.",
        ),
    ],
)
def test_it_says_where_the_dashboard_may_show_the_frames(
    change: dict[str, object], line: str
) -> None:
    with override_settings(**change):
        status, lines = run("paylink_check")

    assert about(lines, "dashboard address") == [line]
    if line.startswith("FAILURE"):
        assert status == 1


def app_is() -> tuple[Level, str]:
    (found,) = dashboard_app.check()
    return found.level, found.message


def test_without_the_app_staff_see_nothing() -> None:
    assert app_is() == (Level.FAILURE, "Staff see nothing of paylink.")


def test_an_app_that_was_just_written_is_right() -> None:
    dashboard_app.write()

    assert app_is() == (Level.OK, f"It is there, with {AppExtension.objects.count()} extensions.")


def test_an_app_that_is_switched_off_is_a_warning() -> None:
    dashboard_app.write()
    dashboard_app.installed().update(is_active=False)

    assert app_is() == (Level.WARNING, "It is switched off.")


def _take_a_frame() -> None:
    AppExtension.objects.filter(target="popup").delete()


def _add_a_frame() -> None:
    app = dashboard_app.installed().get()
    AppExtension.objects.create(app=app, label="x", mount="x", target="popup", url="/x")


def _double_a_frame() -> None:
    page = AppExtension.objects.get(url="/links")
    permissions = list(page.permissions.all())
    page.pk = None
    page.save()
    page.permissions.set(permissions)


def _take_a_permission() -> None:
    dashboard_app.installed().get().permissions.clear()


def _open_a_frame_to_all() -> None:
    AppExtension.objects.get(target="popup").permissions.clear()


def _move_a_frame() -> None:
    AppExtension.objects.filter(target="popup").update(url="https://old.example/")


@pytest.mark.parametrize(
    "spoil",
    [
        _take_a_frame,
        _add_a_frame,
        _double_a_frame,
        _take_a_permission,
        _open_a_frame_to_all,
        _move_a_frame,
    ],
)
def test_an_app_that_is_not_as_it_should_be_is_a_failure(spoil: object) -> None:
    dashboard_app.write()
    spoil()  # type: ignore[operator]

    assert app_is() == (Level.FAILURE, "It is not as paylink_setup writes it now.")

    dashboard_app.write()
    assert app_is()[0] is Level.OK


def test_an_address_that_changed_is_a_failure_until_it_is_set_up_again() -> None:
    dashboard_app.write()

    with override_settings(PUBLIC_URL="https://moved.example"):
        assert app_is()[0] is Level.FAILURE
        dashboard_app.write()
        assert app_is()[0] is Level.OK
