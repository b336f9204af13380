"""The door for what is of no channel: the Dashboard's frames, the providers' webhooks."""

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotFound

from saleor_paylink.web.dashboard.desk import Desk
from saleor_paylink.web.dashboard.serve import serve_frames
from saleor_paylink.web.webhooks import serve_webhook


def serve_door(request: HttpRequest, path: str, desk: Desk) -> HttpResponseBase:
    """Answer a request for `path` behind the door (no leading slash)."""
    folder, _, rest = path.partition("/")
    if folder == "dashboard":
        return serve_frames(request, rest, desk)
    if folder == "webhooks":
        return serve_webhook(request, rest)
    return HttpResponseNotFound()
