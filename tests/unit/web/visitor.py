"""Somebody who visits the plugin's pages, as hosts serve them."""

from dataclasses import dataclass, field
from html import unescape
from re import sub
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path

from saleor_paylink.shop import current_shop
from saleor_paylink.web.serve import serve


def host(request: HttpRequest, channel: str, path: str) -> HttpResponse:
    return serve(request, current_shop().channel_settings(channel), path)


urlpatterns = [path("plugins/channel/<slug:channel>/saleor.paylink/<path:path>", host)]
FORM = "application/x-www-form-urlencoded"


@dataclass
class Visitor:
    channel: str = "shop"
    requests: RequestFactory = field(default_factory=RequestFactory)

    def get(self, to: str) -> HttpResponse:
        return self.ask("GET", to)

    def post(self, to: str, **fields: str) -> HttpResponse:
        return self.ask("POST", to, urlencode(fields).encode(), content_type=FORM)

    def ask(self, method: str, to: str, body: bytes = b"", **details: str) -> HttpResponse:
        """`details` as Django's RequestFactory.generic takes them."""
        url = f"/plugins/channel/{self.channel}/saleor.paylink/{to}"
        request = self.requests.generic(method, url, body, **details)
        return host(request, self.channel, to.partition("?")[0])


def text(response: HttpResponse) -> str:
    """What a person reads on a page, in one line."""
    body = response.content.decode().partition("<body>")[2]
    words = sub(r"<(?!/?(bdi|strong|time)\b)[^>]*>", " ", body)
    return " ".join(unescape(sub(r"<[^>]*>", "", words)).split())
