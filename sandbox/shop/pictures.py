"""Pictures of the shop's goods, drawn here. Saleor would serve thumbnails of photographs."""

from django.http import Http404, HttpRequest, HttpResponse

from sandbox.stage import PICTURES

SQUARE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="256" height="256">'
    '<rect width="64" height="64" fill="{ground}"/>{drawing}</svg>'
)
DRAWINGS = {
    "mug": (
        "#dbeafe",
        '<path d="M41 26h5a6 6 0 0 1 0 14h-5" fill="none" stroke="#1d4ed8" stroke-width="4"/>'
        '<path d="M17 20h25v22a6 6 0 0 1-6 6H23a6 6 0 0 1-6-6z" fill="#2563eb"/>'
        '<path d="M17 20h25v4H17z" fill="#1e3a8a"/>',
    ),
    "plate": (
        "#fce7d2",
        '<circle cx="32" cy="33" r="20" fill="#fff" stroke="#d6a36b"/>'
        '<circle cx="32" cy="33" r="13" fill="#fdf6ee" stroke="#d6a36b"/>',
    ),
}


def picture(request: HttpRequest, name: str) -> HttpResponse:
    """The thumbnail of that name."""
    if name not in PICTURES.values():
        raise Http404
    ground, drawing = DRAWINGS[name]
    response = HttpResponse(
        SQUARE.format(ground=ground, drawing=drawing), content_type="image/svg+xml"
    )
    response.headers["Cache-Control"] = "public, max-age=31536000"
    return response
