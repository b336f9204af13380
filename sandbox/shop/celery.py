"""The Celery app: tasks run at once, in the process that asks for them."""

from celery import Celery

app = Celery("sandbox")
app.config_from_object("django.conf:settings", namespace="CELERY")
# No worker comes to find the tasks: they are imported here and now.
app.autodiscover_tasks(["saleor_paylink"], force=True)
