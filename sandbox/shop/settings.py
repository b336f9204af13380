"""Django settings of the sandbox shop. As in Saleor there are no sessions and no CSRF tokens.

Environment: DATABASE_URL (`sandbox.postgres` makes one), PUBLIC_URL (where customers reach the
shop), EMAIL_HOST and EMAIL_PORT (the mailbox).
"""

import os

import dj_database_url

DEBUG = False
SECRET_KEY = "the sandbox holds nothing to protect"
ALLOWED_HOSTS = ["*"]
PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://127.0.0.1:8400")
ALLOWED_CLIENT_HOSTS = ["127.0.0.1", "localhost", "storefront.example"]

INSTALLED_APPS = ["saleor_paylink", "sandbox.shop"]
MIGRATION_MODULES = {"saleor_paylink": "migrations"}
MIDDLEWARE = [
    "sandbox.shop.cors.cross_origin",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
ROOT_URLCONF = "sandbox.shop.urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

_url = os.environ.get("DATABASE_URL")
DATABASES = {"default": dj_database_url.parse(_url)} if _url else {}
for database in DATABASES.values():
    # Several test runs may share one server.
    database["TEST"] = {"NAME": f"test_sandbox_{os.getpid()}"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

EMAIL_HOST = os.environ.get("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "8403"))
EMAIL_TIMEOUT = 5

CELERY_TASK_ALWAYS_EAGER = True
# Never used; without one Celery warns that it has none.
CELERY_BROKER_URL = "memory://"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "loggers": {
        # It names the paths of refused requests, and those of pay pages hold tokens.
        "django.request": {"level": "ERROR"},
        # The view tells what went wrong; what was merely refused is no news.
        "graphql": {"level": "CRITICAL"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
