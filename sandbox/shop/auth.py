"""Who is asking: a signed token in the Authorization header, as with Saleor."""

from django.contrib.auth.hashers import check_password
from django.core import signing
from django.http import HttpRequest

from sandbox.shop.models import App, User

SALT = "sandbox.shop.token"
LIFETIME_SECONDS = 24 * 3600


def log_in(email: str, password: str) -> User | None:
    """The user whose password this is."""
    user: User | None = User.objects.filter(email=email).first()
    if user is None or not check_password(password, user.password):
        return None
    return user


def token_for(user: User) -> str:
    """A token that speaks for the user for a day."""
    return signing.dumps(user.pk, salt=SALT)


def user_of(request: HttpRequest) -> User | None:
    """The user behind the request; None without a token or with one that is not ours."""
    try:
        pk = signing.loads(_token(request), salt=SALT, max_age=LIFETIME_SECONDS)
    except signing.BadSignature:
        return None
    user: User | None = User.objects.filter(pk=pk).first()
    return user


def app_of(request: HttpRequest) -> App | None:
    """The app whose token it is; None for any other."""
    token = _token(request)
    app: App | None = App.objects.filter(token=token).first() if token else None
    return app


def _token(request: HttpRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme in ("Bearer", "JWT") and "\x00" not in token else ""
