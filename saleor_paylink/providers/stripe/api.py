"""Stripe's API, asked with a key, a version and a patience of our own.

The only module that imports `stripe`. That library keeps its configuration in module
globals which Saleor's own Stripe gateway uses too (it sets another API version when it is
imported): nothing here changes one, and every one that matters is overridden per call.
"""

import logging
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import requests
from stripe import api_requestor, error, http_client

from saleor_paylink.providers.interface import ProviderError

API_VERSION = "2023-08-16"

# Seconds to connect, and to wait for more of an answer. A customer may be waiting too.
TIMEOUT = (4, 10)
RETRIES = 2
LONGEST_PAUSE = 2.0

Json = dict[str, Any]

logger = logging.getLogger(__name__)

# What Stripe's messages repeat of what they were sent: addresses, URLs, keys, client secrets.
_PRIVATE = re.compile(r"\S*@\S+|\w+://\S+|\b(?:sk|rk|pk|whsec)_\S+|\b\w+_secret_\w+")
# Client errors that pass: another request was faster, or a third party of Stripe's is down.
_PASSING = frozenset((409, 424, 429))


class Refusal(ProviderError):
    """Stripe has answered, and not done it. `status` is HTTP's.

    `replayed`: it is an earlier answer, which Stripe keeps under the idempotency key.
    """

    def __init__(
        self, message: str, *, permanent: bool, code: str, status: int, replayed: bool
    ) -> None:
        super().__init__(message, permanent=permanent, code=code)
        self.status = status
        self.replayed = replayed


def base_url() -> str:
    """Where the API is; the environment can name a simulator of it."""
    return os.environ.get("PAYLINK_STRIPE_API_BASE", "").rstrip("/") or "https://api.stripe.com"


def cleaned(text: str) -> str:
    """A message of Stripe's, short and without what is nobody's business."""
    return _PRIVATE.sub("[…]", text)[:200]


class Api:
    """The API as asked with `key`. Each answer is plain JSON; raises ProviderError for none."""

    def __init__(self, key: str) -> None:
        if not key:
            # The library would take its global one, and so the key of somebody else.
            raise ProviderError(
                "There is no Stripe key in the plugin's settings.",
                permanent=True,
                code="configuration",
            )
        self._requestor = _Requestor(
            key=key, client=_Client(), api_base=base_url(), api_version=API_VERSION
        )

    def get(self, path: str, **params: Any) -> Json:
        return self._ask("get", path, params, {})

    def post(self, path: str, params: Mapping[str, Any], idempotency_key: str = "") -> Json:
        """`idempotency_key`: the same one again gets the same answer, and nothing twice."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return self._ask("post", path, params, headers)

    def list(self, path: str, **params: Any) -> Iterator[Json]:
        """All objects of a list, newest first."""
        while True:
            page = self.get(path, limit=100, **params)
            yield from page["data"]
            if not page["has_more"]:
                return
            params["starting_after"] = page["data"][-1]["id"]

    def _ask(
        self, method: str, path: str, params: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Json:
        try:
            answer, _key = self._requestor.request(method, path, params, headers)
        except error.StripeError as failure:
            # Not chained: the library's errors hold what was sent.
            logger.warning("%s %s: %s", method.upper(), path, type(failure).__name__)
            raise ProviderError(
                "Stripe cannot be reached just now.", permanent=False, code="connection"
            ) from None
        data: Json = answer.data
        return data


class _Client(http_client.HTTPClient):  # type: ignore[misc]
    """Sends with our timeouts and our number of retries.

    It trusts certifi's roots, or those of REQUESTS_CA_BUNDLE: the library's own client has a
    bundle from 2022 and knows no other.
    """

    name = "requests"

    def __init__(self) -> None:
        super().__init__()
        self._session = requests.Session()
        # Else an entry for the host in a .netrc would take the place of our key.
        self._session.auth = lambda request: request

    def request(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            answer = self._session.request(
                method,
                url,
                headers=headers,
                data=post_data,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as failure:
            raise error.APIConnectionError(
                type(failure).__name__, should_retry=_may_pass(failure)
            ) from None
        return answer.content, answer.status_code, answer.headers

    def _max_network_retries(self) -> int:
        return RETRIES

    def _sleep_time_seconds(
        self, num_retries: int, response: tuple[bytes, int, Mapping[str, str]] | None = None
    ) -> float:
        # The library would sleep for a minute if the server says so, with a customer waiting.
        wanted: float = super()._sleep_time_seconds(num_retries, response)
        return min(wanted, LONGEST_PAUSE)


def _may_pass(failure: requests.RequestException) -> bool:
    passing = requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError
    return isinstance(failure, passing) and not isinstance(failure, requests.exceptions.SSLError)


class _Requestor(api_requestor.APIRequestor):  # type: ignore[misc]
    """Keeps bodies from the `stripe` logger, and from stderr where STRIPE_LOG is set.

    The library writes them whole at DEBUG, the customer's address among them, and at INFO
    the messages of errors, which repeat it.
    """

    def request_raw(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        supplied_headers: Mapping[str, str] | None = None,
        is_streaming: bool = False,
    ) -> tuple[bytes, int, Mapping[str, str], str]:
        form = urlencode(list(api_requestor._api_encode(params or {})))
        headers = {**self.request_headers(self.api_key, method), **(supplied_headers or {})}
        query = f"?{form}" if method == "get" and form else ""
        content, status, answered = self._client.request_with_retries(
            method, f"{self.api_base}{url}{query}", headers, form if method == "post" else None
        )
        if not 200 <= status < 300:
            request_id = answered.get("Request-Id")
            logger.warning("%s %s: HTTP %s (%s)", method.upper(), url, status, request_id)
        return content, status, answered, self.api_key

    def handle_error_response(
        self, rbody: str, rcode: int, resp: Any, rheaders: Mapping[str, str]
    ) -> None:
        details = resp.get("error") if isinstance(resp, dict) else None
        replayed = rheaders.get("Idempotent-Replayed") == "true"
        raise refusal(rcode, details if isinstance(details, dict) else {}, replayed)


def refusal(status: int, details: Mapping[str, Any], replayed: bool = False) -> Refusal:
    """What an answer that is no success means for us.

    https://docs.stripe.com/api/errors and https://docs.stripe.com/error-low-level
    """
    permanent, code = True, str(details.get("code") or details.get("type") or status)
    message = f"Stripe refused: {cleaned(str(details.get('message') or code))}"
    if status == 401:
        code = "configuration"
        message = "Stripe does not accept the key in the plugin's settings. Give a valid one."
    elif status == 403:
        code = "configuration"
        message = "The Stripe key in the plugin's settings lacks a permission that is needed."
    elif not 400 <= status < 500 or status in _PASSING or code == "rate_limit":
        permanent = False
        message = f"Stripe could not do it just now (HTTP {status})."
    elif details.get("type") == "idempotency_error":
        code = "idempotency"
    return Refusal(message, permanent=permanent, code=code, status=status, replayed=replayed)
