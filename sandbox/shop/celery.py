"""The Celery app: tasks run at once, in the process that asks for them."""

from celery import Celery

app = Celery("sandbox")
app.config_from_object("django.conf:settings", namespace="CELERY")
