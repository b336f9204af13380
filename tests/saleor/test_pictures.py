"""The pictures of what is to be paid, which a customer's browser can open."""

import base64
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from graphql_relay import to_global_id
from saleor.core.utils import build_absolute_uri
from saleor.order.models import Order
from saleor.product.models import ProductMedia, ProductVariant

from saleor_paylink.links import tokens
from saleor_paylink.saleor import reading
from saleor_paylink.shop import current_shop
from tests.saleor.client import Api
from tests.saleor.orders import completed, link_of

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def variant() -> Iterator[ProductVariant]:
    """The plate, which has no picture before nor afterwards."""
    found = ProductVariant.objects.get(sku="PLATE")
    yield found
    found.product.media.all().delete()


def picture(variant: ProductVariant) -> ProductMedia:
    """One more picture of the variant's product, the last one."""
    media = ProductMedia(product=variant.product)
    media.image.save("plate.png", ContentFile(PIXEL))
    return media


def url_of(media: ProductMedia) -> str:
    return build_absolute_uri(f"/thumbnail/{to_global_id('ProductMedia', media.pk)}/256/")


def shown(order: Order) -> str | None:
    (line,) = current_shop().order(order.pk).lines
    return line.thumbnail_url


def test_the_bearer_of_a_link_is_shown_a_picture_that_opens(variant: ProductVariant) -> None:
    media = picture(variant)
    link = link_of(completed())

    answer = Api(None).ask(
        "query($token: String!) { paymentRequest(token: $token) { lines { thumbnailUrl } } }",
        token=tokens.token_of(link),
    )

    assert answer == {
        "data": {"paymentRequest": {"lines": [{"thumbnailUrl": url_of(media)}]}},
        "extensions": answer["extensions"],
    }
    opened = Client().get(urlsplit(url_of(media)).path)
    thumbnail = media.thumbnails.get()
    assert (opened.status_code, opened["Location"]) == (302, thumbnail.image.url)
    assert thumbnail.size == 256


def test_the_variants_picture_comes_before_the_products(variant: ProductVariant) -> None:
    picture(variant)
    own = picture(variant)
    variant.variant_media.create(media=own)

    assert shown(completed()) == url_of(own)


def test_the_first_picture_of_the_product_is_shown(variant: ProductVariant) -> None:
    picture(variant)
    first = picture(variant)
    variant.product.media.filter(pk=first.pk).update(sort_order=-1)

    assert shown(completed()) == url_of(first)


def test_what_is_no_picture_or_not_there_yet_is_not_shown(variant: ProductVariant) -> None:
    ProductMedia.objects.create(product=variant.product, type="VIDEO", external_url="https://v.tv")
    ProductMedia.objects.create(product=variant.product, external_url="https://img.tv/plate.png")
    order = completed()

    assert shown(order) is None


def test_a_line_whose_product_is_gone_has_no_picture(variant: ProductVariant) -> None:
    picture(variant)
    order = completed()
    order.lines.update(variant=None)

    assert shown(order) is None


def test_pictures_are_read_with_the_lines(variant: ProductVariant) -> None:
    without = _queries(completed())
    picture(variant)

    assert _queries(completed()) == without


def _queries(order: Order) -> int:
    with CaptureQueriesContext(connection) as queries:
        current_shop().order(order.pk)
    return len(queries)


class Bucket(FileSystemStorage):
    """Storage as it is where media lie in a bucket that signs each address."""

    def url(self, name: str | None) -> str:
        if self._base_url is None:
            raise RuntimeError("No credentials.")
        return super().url(name)


@pytest.mark.parametrize(
    ("base_url", "sources"),
    [
        ("/media/", []),
        ("https://media.shop.example/a/", ["https://media.shop.example"]),
        (None, []),
    ],
)
def test_it_is_known_where_pictures_lie(
    monkeypatch: pytest.MonkeyPatch, base_url: str | None, sources: list[str]
) -> None:
    monkeypatch.setattr(reading, "default_storage", Bucket(base_url=base_url))

    assert current_shop().picture_sources() == sources


def test_the_payment_page_shows_them(variant: ProductVariant) -> None:
    media = picture(variant)
    link = link_of(completed())

    page = Client().get(urlsplit(tokens.pay_url(link)).path)

    assert f'<img src="{urlsplit(url_of(media)).path}"' in page.content.decode()
    assert "img-src 'self';" in page.headers["Content-Security-Policy"]
