"""The URLs of the shop; those of the plugin are shaped as Saleor's."""

from django.urls import path

from sandbox.shop import stage
from sandbox.shop.graphql.view import graphql
from sandbox.shop.plugin import plugin
from sandbox.stage import PLUGIN_ID

urlpatterns = [
    path("graphql/", graphql),
    path(f"plugins/channel/<slug:channel>/{PLUGIN_ID}/<path:path>", plugin),
    path("_stage/", stage.show),
    path("_stage/sweep", stage.sweep),
    path("_stage/expire", stage.expire),
    path("_stage/clock", stage.clock),
    path("_stage/settings", stage.settings),
]
