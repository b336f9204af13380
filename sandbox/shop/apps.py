"""Joins the sandbox shop to paylink, as Saleor's plugin does for Saleor."""

from django.apps import AppConfig


class SandboxShopConfig(AppConfig):
    name = "sandbox.shop"
    label = "sandbox_shop"
    verbose_name = "Sandbox shop"

    def ready(self) -> None:
        from saleor_paylink import shop
        from sandbox.shop import celery  # noqa: F401 - makes the app that tasks run in
        from sandbox.shop.shop import SandboxShop

        shop.install(SandboxShop())
