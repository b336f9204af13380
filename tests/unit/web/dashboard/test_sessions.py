"""A frame's access is renewed as long as the Dashboard's word is good, and no longer."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import signing

from saleor_paylink.web.dashboard import views
from saleor_paylink.web.dashboard.desk import LONGEST_SESSION
from sandbox.shop import auth, extensions
from sandbox.shop.models import User
from tests.unit.web.dashboard.staff import ask, body, renew

pytestmark = pytest.mark.django_db
WIDGET = extensions.EXTENSIONS[0]


@pytest.fixture
def cashier() -> User:
    return User.objects.create(
        email="cashier@example.com",
        is_staff=True,
        permissions=["MANAGE_ORDERS", "HANDLE_PAYMENTS", "MANAGE_PRODUCTS"],
    )


def token_since(user: User, since: datetime) -> str:
    claims = {"user": user.pk, "permissions": ["MANAGE_ORDERS"], "since": since.isoformat()}
    return signing.dumps(claims, salt=extensions.SALT)


def test_a_frames_token_becomes_one_that_may_do_what_the_app_and_the_user_may(
    cashier: User,
) -> None:
    given = extensions.extension_token(WIDGET, cashier)
    assert given is not None
    answer = body(renew(given))

    speaks_for = extensions.user_of_token(answer["token"])
    assert speaks_for == cashier
    assert speaks_for.limited_to == {"MANAGE_ORDERS", "HANDLE_PAYMENTS"}
    assert answer["expiresIn"] == 300
    assert extensions.user_of_token(given).limited_to == {"MANAGE_ORDERS"}


def test_a_renewed_token_is_renewed_again_until_the_longest_session_is_over(
    cashier: User,
) -> None:
    now = datetime.now(UTC)
    nearly = token_since(cashier, now - LONGEST_SESSION + timedelta(minutes=1))
    over = token_since(cashier, now - LONGEST_SESSION)

    once = renew(nearly)
    assert once.status_code == 200
    assert renew(body(once)["token"]).status_code == 200
    assert (renew(over).status_code, body(renew(over))) == (401, {})


def test_renewing_does_not_make_the_session_any_longer(cashier: User) -> None:
    since = datetime.now(UTC) - timedelta(hours=2)
    answer = body(renew(token_since(cashier, since)))

    claims = signing.loads(answer["token"], salt=extensions.SALT)
    assert claims["since"] == since.isoformat()


def test_nobody_elses_token_is_taken(cashier: User) -> None:
    for token in ("", "nonsense", auth.token_for(cashier), "\x00"):
        response = renew(token)
        assert (response.status_code, body(response)) == (401, {})


def test_a_token_is_only_taken_as_a_bearers(cashier: User) -> None:
    token = extensions.extension_token(WIDGET, cashier)

    assert ask("POST", "session", Authorization=f"Basic {token}").status_code == 401
    assert ask("POST", f"session?token={token}").status_code == 401


def test_who_is_no_longer_staff_is_let_go(cashier: User) -> None:
    token = extensions.extension_token(WIDGET, cashier)
    assert token is not None
    User.objects.update(is_staff=False)

    assert renew(token).status_code == 401


def test_a_permission_that_was_taken_away_is_gone(cashier: User) -> None:
    token = extensions.extension_token(WIDGET, cashier)
    assert token is not None
    User.objects.update(permissions=["MANAGE_ORDERS"])

    renewed = extensions.user_of_token(body(renew(token))["token"])
    assert renewed is not None
    assert renewed.limited_to == {"MANAGE_ORDERS"}


def test_who_tries_too_often_has_to_wait(cashier: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "SESSION", views.Limit("session", per_token=2, per_address=100))
    statuses = [renew("forged").status_code for _ in range(3)]

    assert statuses == [401, 401, 429]
    assert int(renew("forged").headers["Retry-After"]) > 0


def test_an_answer_is_kept_by_nobody(cashier: User) -> None:
    token = extensions.extension_token(WIDGET, cashier)
    assert token is not None
    headers = renew(token).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
