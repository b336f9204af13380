"""Saleor's own settings, for a shop on loopback that may be tried and tested.

Environment: DATABASE_URL, PUBLIC_URL, EMAIL_URL (the mailbox), WATCH_WRITER and what paylink itself
reads.
"""

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("SECRET_KEY", "the stage holds nothing to protect")
os.environ.setdefault("ALLOWED_CLIENT_HOSTS", "127.0.0.1,localhost,storefront.example")
os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1,localhost,testserver")
os.environ.update(DEBUG="False", HTTP_IP_FILTER_ENABLED="False", SEND_USAGE_TELEMETRY="False")
os.environ.setdefault("JWT_TTL_ACCESS", "1 day")

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from saleor.settings import *  # noqa: F403
from saleor.settings import INSTALLED_APPS, MIDDLEWARE, PLUGINS

RSA_PRIVATE_KEY = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    .decode()
)
ROOT_URLCONF = "tests.saleor.urls"
POPULATE_DEFAULTS = False
# Pictures and webhooks' payloads are files: the checkout is nobody's to fill.
MEDIA_ROOT = tempfile.mkdtemp(prefix="saleor-media-")
atexit.register(shutil.rmtree, MEDIA_ROOT, ignore_errors=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Saleor counts logins by address in its cache, and on the stage everybody comes from the same one.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

if os.environ.get("WATCH_WRITER"):
    # As in Saleor's own tests: whoever uses the writer without leave is told so by an exception.
    # Saleor does so itself where its own tests do not look, so that a person is spared it.
    MIDDLEWARE = ["saleor.core.db.connection.restrict_writer_middleware", *MIDDLEWARE]
    CELERY_RESTRICT_WRITER_METHOD = "saleor.core.db.connection.restrict_writer"

# Tasks run at once. The broker is never used; without one Celery warns that it has none.
CELERY_TASK_ALWAYS_EAGER = True
CELERY_BROKER_URL = "memory://"

PLUGINS = [
    *PLUGINS,
    "tests.saleor.recorder.Recorder",
    "tests.saleor.listener.Listener",
    "tests.saleor.listener.SecondListener",
]
if os.environ.get("WITHOUT_PAYLINK"):
    # Saleor as it was before paylink was installed.
    ROOT_URLCONF = "saleor.urls"
    PLUGINS = [plugin for plugin in PLUGINS if not plugin.startswith("saleor_paylink.")]
    INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "saleor_paylink"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "py.warnings": {"level": "ERROR"},
        # Refusals, which tests ask for. What is unforeseen is logged elsewhere.
        "graphql.execution": {"level": "CRITICAL"},
    },
}
