"""Answers that are made while they are sent."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse


def streamed(
    request: HttpRequest, pieces: Iterator[str], content_type: str
) -> StreamingHttpResponse:
    """The answer that consists of these pieces; each is made when the one before has been sent.

    An ASGI server would gather all of them before it sends the first, unless they come as it
    waits for them: Saleor runs on one.
    """
    is_asynchronous = isinstance(request, ASGIRequest)
    return StreamingHttpResponse(
        _awaited(pieces) if is_asynchronous else pieces, content_type=content_type
    )


async def _awaited(pieces: Iterator[str]) -> AsyncIterator[str]:
    # In the request's own thread, where its connections to the database are.
    following = sync_to_async(lambda: next(pieces, None))
    while (piece := await following()) is not None:
        yield piece
