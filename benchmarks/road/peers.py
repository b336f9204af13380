"""The least that somebody would write who needed such a page or such a webhook in a Django."""

from uuid import UUID

import stripe
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST
from saleor.order.models import Order

from saleor_paylink.models import ProviderEvent
from sandbox.stage import STRIPE_WEBHOOK_SECRET

NAME = "bare"


@require_GET
def page(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """An order with its lines."""
    order = Order.objects.get(pk=order_id)
    return render(request, "bare_order.html", {"order": order, "lines": order.lines.all()})


@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """Verifies as Stripe's own library does, and inserts a row."""
    signature = request.headers.get("Stripe-Signature", "")
    try:
        event = stripe.Webhook.construct_event(request.body, signature, STRIPE_WEBHOOK_SECRET)
    except (ValueError, stripe.error.SignatureVerificationError):
        return HttpResponseBadRequest()
    ProviderEvent.objects.create(
        provider=NAME, channel=NAME, event_id=event["id"], type=event["type"]
    )
    return HttpResponse()
