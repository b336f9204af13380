"""All that is served under /plugins/channel/<channel>/saleor.paylink/, by `serve`.

Every view takes the channel's slug besides what is in its path.
"""

from django.urls import path

from saleor_paylink.web import views

urlpatterns = [
    path("pay/<str:token>/", views.pay),
    path("pay/<str:token>/return", views.come_back),
    path("pay/<str:token>/renew", views.renew_link),
    path("pay/<str:token>/seen", views.seen),
    path("reminders/<uuid:link_id>/<str:mark>", views.stop_reminders),
    path("assets/<str:name>", views.asset),
]
