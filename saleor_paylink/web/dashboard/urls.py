"""All that is served under /plugins/saleor.paylink.door/dashboard/, by `serve_frames`.

Every view takes the host's desk besides what is in its path.
"""

from django.urls import path

from saleor_paylink.web.dashboard import earnings, views

urlpatterns = [
    path("", views.frame, {"name": "links"}),
    path("widget", views.frame, {"name": "widget"}),
    path("prompt", views.frame, {"name": "prompt"}),
    path("links", views.frame, {"name": "links"}),
    path("earnings", views.frame, {"name": "earnings"}),
    path("earnings/setting", earnings.setting),
    path("earnings/movements", earnings.listing),
    path("earnings/why", earnings.why),
    path("earnings/export", earnings.export),
    path("session", views.session),
    path("texts/<str:locale>", views.texts),
    path("assets/<str:version>/<str:name>", views.asset),
]
