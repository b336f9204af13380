"""Saleor's URLs, and what tests may do to a shop on stage."""

import json
import os

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_GET, require_POST
from saleor.core.db.connection import allow_writer
from saleor.order.tasks import expire_orders_task
from saleor.plugins.manager import get_plugins_manager
from saleor.urls import urlpatterns as saleor_urlpatterns

from saleor_paylink.links import sweeper
from sandbox import logbook
from sandbox.clock import put_forward
from sandbox.stage import PLUGIN_ID


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The stage as JSON."""
    return HttpResponse(os.environ["PAYLINK_STAGE"], content_type="application/json")


@require_POST
@allow_writer()
def sweep(request: HttpRequest) -> HttpResponse:
    """Let the sweeper go round once."""
    sweeper.sweep()
    return JsonResponse({})


@require_POST
def expire(request: HttpRequest) -> HttpResponse:
    """Let Saleor expire its overdue orders."""
    expire_orders_task()
    return JsonResponse({})


@require_POST
def clock(request: HttpRequest) -> HttpResponse:
    """Put the shop's clock forward, or right again: {"ahead": seconds}."""
    put_forward(int(json.loads(request.body)["ahead"]))
    return JsonResponse({})


@require_POST
def log(request: HttpRequest) -> HttpResponse:
    """Begin to take down what is logged, or end it and answer with it: {"on": true or false}."""
    return JsonResponse({"lines": logbook.turn(on=json.loads(request.body)["on"])})


@require_POST
@allow_writer()
def settings(request: HttpRequest) -> HttpResponse:
    """Change the plugin's settings of a channel, as pluginUpdate would."""
    body = json.loads(request.body)
    values = [{"name": key, "value": value} for key, value in body.get("values", {}).items()]
    change = {"configuration": values}
    if body.get("active") is not None:
        change["active"] = body["active"]
    manager = get_plugins_manager(allow_replica=False)
    try:
        manager.save_plugin_configuration(PLUGIN_ID, body["channel"], change)
    except ValidationError as error:
        return JsonResponse({"errors": error.message_dict}, status=400)
    return JsonResponse({})


urlpatterns = [
    path("_stage/", show),
    path("_stage/sweep", sweep),
    path("_stage/expire", expire),
    path("_stage/clock", clock),
    path("_stage/log", log),
    path("_stage/settings", settings),
    *saleor_urlpatterns,
]
