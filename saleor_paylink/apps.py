"""Joins paylink to the shop it is installed in."""

from importlib import import_module

from django.apps import AppConfig, apps

from saleor_paylink.addresses import proxy_count
from saleor_paylink.redaction import hide_tokens


class PaylinkConfig(AppConfig):
    name = "saleor_paylink"
    verbose_name = "Payment links"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Now, and not when the first customer clicks.
        proxy_count()
        hide_tokens()
        # In every process and not in workers alone: tasks are looked up to be queued.
        import_module("saleor_paylink.tasks")
        # Where this is not Saleor (the sandbox), the host installs its own shop.
        if apps.is_installed("saleor.order"):
            from saleor_paylink.saleor.join import join

            join()
