"""`manage.py paylink_setup`: an installation is brought into order, and out of it again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from django.conf import settings
from django.db import connections
from django.test import override_settings
from django.utils import timezone, translation
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from saleor.app.models import App, AppExtension
from saleor.core.db.connection import allow_writer

from saleor_paylink.models import PaymentAttempt
from saleor_paylink.operating.findings import Level
from saleor_paylink.providers.stripe.endpoints import EVENTS
from saleor_paylink.saleor import dashboard_app, setup
from sandbox.stage import STRIPE_WEBHOOK_SECRET
from tests.attempts import attempt_over
from tests.saleor.client import Api
from tests.saleor.installation import (
    about,
    configure,
    endpoints,
    kept,
    make_endpoint,
    new_key,
    not_migrated,
    row,
    run,
    stored,
)
from tests.saleor.orders import completed, link_of

ONE, TWO = "channel-keyless", "channel-inactive"
COLUMNS = {field.name for field in AppExtension._meta.get_fields()}
FRAMES = f"{settings.PUBLIC_URL}/plugins/saleor.paylink.door/dashboard"


@pytest.fixture(autouse=True)
def _kept() -> Iterator[None]:
    with kept():
        yield


def hook(channel: str) -> str:
    return f"{settings.PUBLIC_URL}/plugins/saleor.paylink.door/webhooks/stripe/{channel}"


def rows() -> list[tuple[str, str, str, str]]:
    """The extensions of the app: mount, target, URL, label."""
    found = AppExtension.objects.filter(app__in=dashboard_app.installed())
    return sorted(found.values_list("mount", "target", "url", "label"))


# Webhooks, and switching on


def test_a_key_that_waits_gets_its_webhooks_and_the_plugin_is_switched_on() -> None:
    key = new_key()
    configure(ONE, active=False, key=key)

    status, lines = run("paylink_setup")

    (endpoint,) = endpoints(key)
    assert (endpoint["url"], endpoint["enabled_events"]) == (hook(ONE), list(EVENTS))
    active, secret = stored(ONE)
    assert active is True
    assert secret.startswith("whsec_")
    assert about(lines, f"stripe webhooks of {ONE}") == [f"ok : Registered: {hook(ONE)}."]
    assert about(lines, f"plugin in {ONE}") == ["ok : It has been switched on."]
    assert (status, lines[-1]) == (0, "Next: manage.py paylink_check")
    assert key not in "".join(lines)
    assert secret not in "".join(lines)


def test_nothing_is_switched_on_where_migrate_was_forgotten() -> None:
    key = new_key()
    configure(ONE, active=False, key=key)

    with not_migrated():
        status, lines = run("paylink_setup")

    assert lines == [
        "FAILURE  database: It lacks tables of paylink. — Run manage.py migrate.",
        "Left to do: 1.",
    ]
    assert status == 1
    assert stored(ONE) == (False, "")
    assert (endpoints(key), rows()) == ([], [])


def test_a_second_run_changes_nothing() -> None:
    key = new_key()
    configure(ONE, active=False, key=key)
    run("paylink_setup")
    before = stored(ONE), rows(), list(App.objects.values_list("pk", "version"))

    status, lines = run("paylink_setup")

    assert (stored(ONE), rows(), list(App.objects.values_list("pk", "version"))) == before
    assert len(endpoints(key)) == 1
    assert about(lines, f"plugin in {ONE}") == ["ok : It is switched on."]
    assert about(lines, "dashboard app") == ["ok : It is up to date."]
    assert status == 0


def test_channels_of_one_account_share_its_endpoint() -> None:
    key = new_key()
    configure(ONE, active=False, key=key)
    configure(TWO, active=False, key=key)

    run("paylink_setup")

    assert [endpoint["url"] for endpoint in endpoints(key)] == [hook(TWO)]
    assert stored(ONE) == stored(TWO)
    assert stored(ONE)[0] is True


def test_the_endpoint_of_a_channel_that_is_off_is_not_relied_on() -> None:
    key = new_key()
    configure(TWO, active=False, key=key, secret=make_endpoint(key, hook(TWO))["secret"])
    configure(ONE, active=False, key=key)

    run("paylink_setup")

    assert sorted(endpoint["url"] for endpoint in endpoints(key)) == [hook(TWO), hook(ONE)]
    assert stored(ONE)[0] is True
    assert stored(ONE)[1] != stored(TWO)[1]


def test_the_endpoint_of_a_channel_in_the_other_mode_is_not_relied_on() -> None:
    live, test = new_key("sk_live"), new_key()
    configure(TWO, active=True, key=live, secret="whsec_live")
    make_endpoint(test, hook(TWO))
    configure(ONE, active=False, key=test)

    run("paylink_setup")

    assert sorted(endpoint["url"] for endpoint in endpoints(test)) == [hook(TWO), hook(ONE)]
    assert "whsec_live" not in stored(ONE)[1]


def test_channels_of_two_accounts_have_one_each() -> None:
    first, second = new_key(), new_key()
    configure(ONE, active=False, key=first)
    configure(TWO, active=False, key=second)

    run("paylink_setup")

    assert [endpoint["url"] for endpoint in endpoints(first)] == [hook(ONE)]
    assert [endpoint["url"] for endpoint in endpoints(second)] == [hook(TWO)]
    assert stored(ONE)[1] != stored(TWO)[1]


def test_an_endpoint_whose_secret_nobody_knows_is_left_to_a_person() -> None:
    key = new_key()
    configure(ONE, active=False, key=key)
    make_endpoint(key, hook(ONE))

    status, lines = run("paylink_setup")

    assert len(endpoints(key)) == 1
    assert stored(ONE) == (False, "")
    (line,) = about(lines, f"stripe webhooks of {ONE}")
    assert line.startswith("warning : There is an endpoint for")
    assert "Copy the signing secret" in line
    assert about(lines, f"plugin in {ONE}") == []
    assert status == 0


def test_a_key_that_may_not_register_leaves_the_plugin_off_and_says_what_to_do() -> None:
    key = new_key("rk_test_nowebhook")
    configure(ONE, active=False, key=key)

    status, lines = run("paylink_setup")

    assert stored(ONE) == (False, "")
    (line,) = about(lines, f"stripe webhooks of {ONE}")
    assert line.startswith("FAILURE : The Stripe key in the plugin's settings lacks a permission")
    assert hook(ONE) in line
    assert (status, lines[-1]) == (1, "Left to do: 1.")
    assert key not in "".join(lines)


def test_a_new_secret_stands_beside_those_that_are_there() -> None:
    configure(ONE, active=False, key=new_key(), secret="whsec_of_another_run")

    setup._keep(ONE, "stripe-webhook-secret", "whsec_new")

    assert stored(ONE) == (False, "whsec_of_another_run whsec_new")


def test_what_staff_switched_off_stays_off() -> None:
    status, lines = run("paylink_setup")

    assert stored(TWO) == (False, STRIPE_WEBHOOK_SECRET)
    assert about(lines, f"plugin in {TWO}") == [
        "warning : It is switched off, and left so. — "
        f"To switch it on: manage.py paylink_setup --activate {TWO}"
    ]
    assert status == 0


def test_unless_it_is_asked_for() -> None:
    status, lines = run("paylink_setup", "--activate", TWO)

    assert stored(TWO) == (True, STRIPE_WEBHOOK_SECRET)
    assert about(lines, f"plugin in {TWO}") == ["ok : It has been switched on."]
    assert status == 0


def test_settings_that_cannot_be_used_are_not_switched_on() -> None:
    found = row(TWO).get()
    found.configuration.append({"name": "link-lifetime-days", "value": "soon"})
    found.save()

    status, lines = run("paylink_setup", "--activate", TWO)

    assert stored(TWO)[0] is False
    (line,) = about(lines, f"plugin in {TWO}")
    assert line.startswith("FAILURE : Give a whole number of days")
    assert status == 1


@pytest.mark.parametrize(
    ("channel", "message"), [("nowhere", "There is no such channel."), (ONE, "There is no key.")]
)
def test_a_channel_that_cannot_be_switched_on_is_a_failure(channel: str, message: str) -> None:
    before = stored(ONE)

    status, lines = run("paylink_setup", "--activate", channel)

    (line,) = about(lines, f"plugin in {channel}")
    assert line.startswith(f"FAILURE : {message}")
    assert status == 1
    assert stored(ONE) == before


# The app in the Dashboard


def test_the_app_has_the_frames_that_this_dashboard_can_show() -> None:
    run("paylink_setup")

    popup = ("order_details_more_actions", "popup", f"{FRAMES}/prompt", "Collect payment")
    page = ("navigation_orders", "app_page", "/links", "Payment links")
    earnings = ("navigation_orders", "app_page", "/earnings", "Earnings")
    widget = ("order_details_widgets", "widget", f"{FRAMES}/widget", "Payment links")
    everywhere = [popup, page, earnings]
    assert rows() == sorted(everywhere if "settings" not in COLUMNS else [*everywhere, widget])
    (app,) = dashboard_app.installed()
    assert (app.name, app.type, app.is_active) == ("Payment links", "thirdparty", True)
    assert app.app_url == FRAMES
    assert sorted(app.permissions.values_list("codename", flat=True)) == [
        "handle_payments",
        "manage_orders",
    ]
    assert app.tokens.count() == 0


@pytest.mark.skipif("settings" not in COLUMNS, reason="This Dashboard has no widgets.")
def test_the_widget_is_asked_for_by_get() -> None:
    run("paylink_setup")

    widget = AppExtension.objects.get(app__in=dashboard_app.installed(), target="widget")
    assert widget.http_target_method == "GET"
    assert widget.settings == {"widgetTarget": {"method": "GET"}}


@pytest.mark.skipif("identifier" not in COLUMNS, reason="This Dashboard opens no popups itself.")
def test_the_popup_has_the_name_by_which_the_widget_opens_it() -> None:
    run("paylink_setup")

    found = AppExtension.objects.filter(app__in=dashboard_app.installed())
    assert sorted(found.values_list("target", "identifier")) == [
        ("app_page", None),
        ("app_page", None),
        ("popup", "paylink-prompt"),
        ("widget", None),
    ]


@pytest.mark.parametrize(
    ("who", "for_orders", "for_earnings"),
    [
        ("cashier", True, True),
        ("clerk", True, False),
        ("treasurer", False, True),
        ("outsider", False, False),
    ],
)
def test_earnings_are_for_whoever_handles_payments_and_the_rest_for_whoever_manages_orders(
    who: str, for_orders: bool, for_earnings: bool
) -> None:
    run("paylink_setup")

    answer = Api(who).ask("{ appExtensions(first: 9) { edges { node { url accessToken } } } }")

    found = [edge["node"] for edge in answer["data"]["appExtensions"]["edges"]]
    assert len(found) == len(rows())
    given = {node["url"]: node["accessToken"] is not None for node in found}
    assert given.pop("/earnings") is for_earnings
    assert set(given.values()) == {for_orders}


def test_what_an_older_release_wrote_is_kept_and_the_earnings_come_beside_it() -> None:
    run("paylink_setup")
    AppExtension.objects.filter(url="/earnings").delete()
    before = set(AppExtension.objects.values_list("pk", "url"))

    (behind,) = dashboard_app.check()
    _status, lines = run("paylink_setup")

    assert behind.level is Level.FAILURE
    assert about(lines, "dashboard app") == ["ok : It is updated."]
    after = set(AppExtension.objects.values_list("pk", "url"))
    assert {url for _pk, url in after - before} == {"/earnings"}
    assert before <= after


def test_another_address_moves_the_frames() -> None:
    run("paylink_setup")
    before = set(AppExtension.objects.values_list("pk", flat=True))

    with override_settings(PUBLIC_URL="https://shop.example"):
        _status, lines = run("paylink_setup")

    assert about(lines, "dashboard app") == ["ok : It is updated."]
    (app,) = dashboard_app.installed()
    assert app.app_url == "https://shop.example/plugins/saleor.paylink.door/dashboard"
    assert {url for _mount, target, url, _label in rows() if target == "popup"} == {
        "https://shop.example/plugins/saleor.paylink.door/dashboard/prompt"
    }
    assert set(AppExtension.objects.values_list("pk", flat=True)) == before


def test_staff_read_the_labels_in_the_shops_language(tmp_path: Path) -> None:
    run("paylink_setup")
    german = Catalog(locale="de")
    german.add("Collect payment", "Zahlung einziehen")
    german.add("Payment links", "Zahlungslinks")
    messages = tmp_path / "de" / "LC_MESSAGES"
    messages.mkdir(parents=True)
    with (messages / "django.mo").open("wb") as file:
        write_mo(file, german)

    with override_settings(LANGUAGE_CODE="de", LOCALE_PATHS=[str(tmp_path)]):
        with translation.override("en"):
            _status, first = run("paylink_setup")
        _status, second = run("paylink_setup")
        (checked,) = dashboard_app.check()

    assert {target: label for _mount, target, _url, label in rows()} == {
        "popup": "Zahlung einziehen",
        "app_page": "Zahlungslinks",
        **({"widget": "Zahlungslinks"} if "settings" in COLUMNS else {}),
    }
    assert about(first, "dashboard app") == ["ok : It is updated."]
    assert about(second, "dashboard app") == ["ok : It is up to date."]
    assert checked.level is Level.OK


def test_rows_that_are_ours_no_more_go_and_those_of_other_apps_stay() -> None:
    run("paylink_setup")
    wanted = rows()
    (app,) = dashboard_app.installed()
    other = App.objects.create(name="Other", identifier="other")
    place = {"mount": "order_overview_create", "target": "popup", "url": "https://old.example/"}
    AppExtension.objects.create(app=app, label="Old", **place)
    theirs = AppExtension.objects.create(app=other, label="Theirs", **place)

    run("paylink_setup")

    assert rows() == wanted
    assert AppExtension.objects.filter(pk=theirs.pk).exists()


def test_permissions_that_were_taken_away_come_back() -> None:
    run("paylink_setup")
    (app,) = dashboard_app.installed()
    app.permissions.clear()

    run("paylink_setup")

    assert app.permissions.count() == 2


def test_an_app_that_staff_switched_off_stays_off() -> None:
    run("paylink_setup")
    dashboard_app.installed().update(is_active=False)

    status, lines = run("paylink_setup")

    (app,) = dashboard_app.installed()
    assert app.is_active is False
    (line,) = about(lines, "dashboard app")
    assert line.startswith("warning : It is up to date, and switched off.")
    assert status == 0


def test_an_app_that_was_removed_is_left_and_another_one_made() -> None:
    run("paylink_setup")
    removed = dashboard_app.installed().get()
    dashboard_app.installed().update(removed_at=timezone.now(), is_active=False)

    run("paylink_setup")

    assert dashboard_app.installed().get().pk != removed.pk
    removed.refresh_from_db()
    assert (removed.is_active, removed.removed_at is None) == (False, False)


def test_two_runs_at_once_make_one_app() -> None:
    together = Barrier(2)

    def write(_number: int) -> Any:
        together.wait()
        try:
            with allow_writer():
                return dashboard_app.write()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(write, range(2)))

    assert dashboard_app.installed().count() == 1
    assert sorted(each.message for each in found) == ["It is installed.", "It is up to date."]


# Undoing it


def test_what_was_set_up_can_be_removed() -> None:
    key = new_key()
    configure(ONE, active=False, key=key)
    run("paylink_setup")
    app = dashboard_app.installed().get()
    every = IntervalSchedule.objects.create(every=1, period="minutes")
    PeriodicTask.objects.create(name="saleor-paylink-sweep", task="x", interval=every)

    status, lines = run("paylink_setup", "--remove")

    assert stored(ONE)[0] is stored("default-channel")[0] is False
    assert stored(ONE)[1].startswith("whsec_")
    app.refresh_from_db()
    assert (app.is_active, app.removed_at is None) == (False, False)
    assert not PeriodicTask.objects.filter(name="saleor-paylink-sweep").exists()
    assert about(lines, f"plugin in {ONE}") == ["ok : It has been switched off."]
    assert f"An endpoint for {hook(ONE)} may be deleted there." in "".join(lines)
    assert (status, lines[-1]) == (0, "Next: pip uninstall.")


def test_it_says_that_payments_are_under_way_which_nobody_will_hear_of() -> None:
    attempt = attempt_over(link_of(completed()))
    under_way = PaymentAttempt.objects.filter(status__in=["open", "processing"]).count()

    status, lines = run("paylink_setup", "--remove")

    assert about(lines, "payments") == [
        f"warning : {under_way} may still be under way; whoever pays now is not heard. — Switch "
        "the plugin on again until manage.py paylink_reconcile finds nothing."
    ]
    assert status == 0
    attempt.delete()


def test_removing_twice_does_no_harm() -> None:
    run("paylink_setup", "--remove")

    status, lines = run("paylink_setup", "--remove")

    assert about(lines, "dashboard app") == ["ok : There was none."]
    assert about(lines, "sweeper") == ["ok : It was in no schedule."]
    assert status == 0


def test_one_cannot_activate_and_remove() -> None:
    status, lines = run("paylink_setup", "--remove", "--activate", TWO)

    assert (status, lines) == (1, ["Give --activate or --remove, not both."])
    assert stored("default-channel")[0] is True
