"""What tests may do to a shop that was put on stage: POST /_stage/..., bodies in JSON."""

import json
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from saleor_paylink.links import sweeper
from sandbox import clock as shop_clock
from sandbox import logbook
from sandbox.shop.models import Channel
from sandbox.shop.scheduler import expire_orders

# The server hands the stage in with each request; a shop without one has no such pages.
STAGE = "sandbox.stage"


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The stage as JSON."""
    return HttpResponse(_stage(request), content_type="application/json")


@require_POST
def sweep(request: HttpRequest) -> HttpResponse:
    """Let the sweeper go round once."""
    _stage(request)
    sweeper.sweep()
    return JsonResponse({})


@require_POST
def expire(request: HttpRequest) -> HttpResponse:
    """Let the shop expire its overdue orders."""
    _stage(request)
    expire_orders()
    return JsonResponse({})


@require_POST
def clock(request: HttpRequest) -> HttpResponse:
    """Put the shop's clock forward, or right again: {"ahead": seconds}."""
    _stage(request)
    shop_clock.put_forward(int(json.loads(request.body)["ahead"]))
    return JsonResponse({})


@require_POST
def log(request: HttpRequest) -> HttpResponse:
    """Begin to take down what is logged, or end it and answer with it: {"on": true or false}."""
    _stage(request)
    return JsonResponse({"lines": logbook.turn(on=json.loads(request.body)["on"])})


@require_POST
def settings(request: HttpRequest) -> HttpResponse:
    """Change the plugin's settings of a channel: {"channel", "active"?, "values"?}."""
    _stage(request)
    try:
        body = json.loads(request.body)
        _change(body["channel"], body.get("active"), body.get("values", {}))
    except (ValueError, KeyError, Channel.DoesNotExist):
        return HttpResponseBadRequest("Name a channel of the stage.")
    return JsonResponse({})


@transaction.atomic
def _change(slug: str, active: bool | None, values: dict[str, str]) -> None:
    channel = Channel.objects.select_for_update().get(slug=slug)
    channel.plugin_values = {**channel.plugin_values, **values}
    if active is not None:
        channel.plugin_active = active
    channel.save()


def _stage(request: HttpRequest) -> Any:
    try:
        return request.META[STAGE].to_json()
    except KeyError:
        raise Http404 from None
