"""Whose scripts may read the shop's answers: anybody's, as Saleor's usual settings say."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PREFLIGHT = {
    "Access-Control-Allow-Headers": "Origin, Content-Type, Accept, Authorization",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Max-Age": "600",
}


def cross_origin(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """A middleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        origin = request.headers.get("Origin")
        if origin is None:
            return answer(request)
        preflight = request.method == "OPTIONS"
        response = HttpResponse(headers=PREFLIGHT) if preflight else answer(request)
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Credentials"] = "true"
        response["Vary"] = "Origin"
        return response

    return middleware
