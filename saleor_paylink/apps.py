"""Joins paylink to the shop it is installed in."""

from django.apps import AppConfig, apps


class PaylinkConfig(AppConfig):
    name = "saleor_paylink"
    verbose_name = "Payment links"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Where this is not Saleor (the sandbox), the host installs its own shop.
        if apps.is_installed("saleor.order"):
            from saleor_paylink.saleor.join import join

            join()
