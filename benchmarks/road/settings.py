"""Saleor as it is served to a shop: no debugging, no task that runs at once, Saleor's own cache.

The tests' settings but for what makes tests easy, and without the plugins that they listen with.
"""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("DB_CONN_MAX_AGE", "600")

# It says first what Saleor's own settings shall find in the environment.
from tests.saleor.settings import *  # noqa: F403

# isort: split
from saleor import settings as saleors

ROOT_URLCONF = "benchmarks.road.urls"
PLUGINS = list(saleors.PLUGINS)
CACHES = saleors.CACHES
# Tasks are published, as they are to a broker; nobody takes them. In memory costs the least, so
# that what a task costs Saleor itself does not hide what is ours.
CELERY_TASK_ALWAYS_EAGER = False
CELERY_BROKER_URL = "memory://"

# All that Saleor logs, in its own form, into a file: a terminal may be slow. What fails is told
# to it as well.
LOG = tempfile.TemporaryFile("w")  # noqa: SIM115
_logging = saleors.LOGGING
LOGGING = {
    **_logging,
    "handlers": {
        name: {**handler, "stream": LOG} if "Stream" in handler["class"] else handler
        for name, handler in _logging["handlers"].items()
    }
    | {"failures": {"class": "logging.StreamHandler", "level": "ERROR"}},
    "root": {**_logging["root"], "handlers": [*_logging["root"]["handlers"], "failures"]},
}

(_templates,) = saleors.TEMPLATES
TEMPLATES = [
    {**_templates, "DIRS": [*_templates["DIRS"], str(Path(__file__).with_name("templates"))]}
]
