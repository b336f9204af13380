"""The Dashboard's frames, asked for as a browser does."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import RequestFactory

from saleor_paylink.web.dashboard.serve import serve_frames
from sandbox.shop.extensions import ROOT, SandboxDesk


def ask(method: str, path: str, **headers: str) -> HttpResponse:
    request = RequestFactory().generic(method, f"{ROOT}{path}", headers=headers)
    response = serve_frames(request, path.partition("?")[0], SandboxDesk())
    assert isinstance(response, HttpResponse)
    return response


def renew(token: str) -> HttpResponse:
    return ask("POST", "session", Authorization=f"Bearer {token}")


def body(response: HttpResponse) -> Any:
    return json.loads(response.content)
