"""Saleor's URLs, and the bare views beside them, behind the same middleware."""

from django.urls import path
from saleor.urls import urlpatterns as saleor_urlpatterns

from benchmarks.road import peers

urlpatterns = [
    path("bare/orders/<uuid:order_id>/", peers.page, name="bare-order"),
    path("bare/webhook", peers.webhook, name="bare-webhook"),
    *saleor_urlpatterns,
]
