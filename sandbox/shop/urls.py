"""The URLs of the shop; those of the plugin are shaped as Saleor's."""

from django.urls import path, re_path

from sandbox.shop import stage
from sandbox.shop.graphql.view import graphql
from sandbox.shop.pictures import picture
from sandbox.shop.plugin import door, plugin
from sandbox.stage import DOOR_ID, PLUGIN_ID

urlpatterns = [
    path("graphql/", graphql),
    path("thumbnail/<slug:name>/", picture),
    # Whatever stands in the path, a line break too, is for the plugin to judge.
    re_path(
        rf"^plugins/channel/(?P<channel>[.0-9A-Za-z_-]+)/{PLUGIN_ID}/(?P<path>(?s:.*))\Z", plugin
    ),
    re_path(rf"^plugins/{DOOR_ID}/(?P<path>(?s:.*))\Z", door),
    path("_stage/", stage.show),
    path("_stage/sweep", stage.sweep),
    path("_stage/expire", stage.expire),
    path("_stage/clock", stage.clock),
    path("_stage/log", stage.log),
    path("_stage/settings", stage.settings),
]
