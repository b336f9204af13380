"""The wires by which the program reaches what is outside of it, with the faults let in.

Everything above them is the real thing: Stripe's library and our retries, Celery's tasks,
Django's transactions and mails.
"""

import json
import logging
import smtplib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from celery import Celery, current_app
from celery.app.task import Task
from django.core import mail
from django.core.exceptions import ObjectDoesNotExist
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from saleor_paylink.providers.interface import ProviderError
from sandbox.stripe import ConnectionLost, Simulator
from tests.faults.faults import BROKER_DOWN, MAIL_DOWN, MEANWHILE_CALLING, Faults, Killed

# The name of a task, and its arguments.
Message = tuple[str, list[Any]]


class Broker:
    """Celery's messages, until somebody lets them arrive."""

    def __init__(self, patch: pytest.MonkeyPatch, faults: Faults) -> None:
        self.waiting: list[Message] = []
        self._faults = faults
        patch.setattr(Task, "apply_async", lambda task, args, _: self._take(task.name, args))

    def _take(self, task: str, args: tuple[Any, ...]) -> None:
        self._faults.may_die("before a message to the broker")
        if self._faults.fails("broker failures", BROKER_DOWN):
            raise ConnectionError("The broker is down.")
        self.waiting.append((task, json.loads(json.dumps(args))))

    @staticmethod
    def run(task: str, args: list[Any]) -> None:
        """What a worker does with a message."""
        app: Celery = current_app
        app.tasks[task].run(*args)


def wire_provider(
    patch: pytest.MonkeyPatch, faults: Faults, simulator: Simulator, complain: Callable[[str], None]
) -> None:
    """Let the provider's HTTP end in the simulator."""

    def send(_adapter: HTTPAdapter, request: requests.PreparedRequest, **_options: Any) -> Any:
        url = urlsplit(request.url or "")
        called = f"{request.method} {url.path}"
        if connection.in_atomic_block:
            complain(f"{called} was called inside a transaction")
        faults.meanwhile(MEANWHILE_CALLING)
        faults.may_die(f"before {called}")
        kind = faults.of_provider()
        if kind is not None:
            simulator.add_fault(str(request.method), url.path, kind)
        answer = _answered(simulator, request, url.path, str(request.body or url.query))
        faults.may_die(f"after {called}")
        faults.meanwhile(MEANWHILE_CALLING)
        return answer

    patch.setattr(HTTPAdapter, "send", send)


def _answered(
    simulator: Simulator, request: requests.PreparedRequest, path: str, params: str
) -> requests.Response:
    headers = request.headers
    try:
        answer = simulator.request(
            str(request.method),
            path,
            tuple(parse_qsl(params, keep_blank_values=True)),
            key=headers["Authorization"].removeprefix("Bearer "),
            idempotency_key=headers.get("Idempotency-Key"),
            version=headers.get("Stripe-Version"),
        )
    except ConnectionLost as lost:
        raise requests.ConnectionError(str(lost)) from None
    response = requests.Response()
    response.status_code = answer.status
    response.headers = CaseInsensitiveDict(answer.headers)
    response._content = json.dumps(answer.body).encode()
    return response


def wire_mail(patch: pytest.MonkeyPatch, faults: Faults) -> None:
    """A mail server that is down at times, and letter boxes that are empty: another play of the
    same seed fills them with the very same mails."""
    patch.setattr(mail, "outbox", [], raising=False)
    post = EmailBackend.send_messages

    def send(backend: EmailBackend, messages: Any) -> int:
        faults.may_die("before a mail")
        if faults.fails("mail failures", MAIL_DOWN):
            raise smtplib.SMTPServerDisconnected
        sent = int(post(backend, messages))
        faults.may_die("after a mail")
        return sent

    patch.setattr(EmailBackend, "send_messages", send)


class Ear(logging.Handler):
    """Hears of exceptions that the program caught, and complains of those nobody expects."""

    # The broker and the mail server are down at times, and so is the provider; the shop learns of
    # a refund once it has learnt of the charge.
    EXPECTED = (ConnectionError, smtplib.SMTPServerDisconnected, ProviderError, ObjectDoesNotExist)

    def __init__(self, complain: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._complain = complain

    def emit(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, self.EXPECTED):
            self._complain(f"{error!r} was caught: {record.getMessage()}")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to what is logged as an error."""
        logging.getLogger().addHandler(self)
        try:
            yield
        finally:
            logging.getLogger().removeHandler(self)


@contextmanager
def wired_database(
    patch: pytest.MonkeyPatch, faults: Faults, committed: Callable[[], None]
) -> Iterator[None]:
    """Commits, and statements outside a transaction, which are commits of their own."""
    commit, set_autocommit = connection._commit, connection.set_autocommit

    def begin(on: bool, **options: Any) -> None:
        if not on:
            faults.meanwhile()
        set_autocommit(on, **options)

    def end() -> None:
        try:
            faults.may_die("before a commit")
            commit()
            committed()
            faults.may_die("after a commit")
        except Killed:
            connection.rollback()
            raise

    def execute(run: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if connection.in_atomic_block:
            return run(sql, *rest)
        faults.meanwhile()
        if sql.startswith("SELECT"):
            return run(sql, *rest)
        faults.may_die(f"before {sql[:40]}")
        result = run(sql, *rest)
        committed()
        faults.may_die(f"after {sql[:40]}")
        return result

    patch.setattr(connection, "_commit", end)
    patch.setattr(connection, "set_autocommit", begin)
    with connection.execute_wrapper(execute):
        yield
