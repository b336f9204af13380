"""The sandbox as a process of its own."""

import json
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.serve import start
from sandbox.stage import PASSWORD, PEOPLE, Stage

FREE = ["--simulator-port=0", "--mailbox-port=0", "--smtp-port=0", "--dashboard-port=0"]


class Process:
    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "sandbox", *arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.word, _, self.told = self._process.stdout.readline().partition(" ")

    def stop(self) -> int:
        """Ask it to end, and the status it ended with."""
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(30)
        finally:
            self._process.kill()
            self._process.stdout.close()


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    running = Process("--shop-port=0", *FREE)
    yield running
    assert running.stop() == 0


@pytest.fixture
def stage(process: Process) -> Stage:
    assert process.word == "STAGE"
    return Stage.from_json(process.told)


def ask(stage: Stage, query: str, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.post(stage.graphql_url, json={"query": query}, headers=headers, timeout=30)
    return answer.json()["data"]


def control(stage: Stage, name: str, **body: Any) -> requests.Response:
    return requests.post(f"{stage.shop_url}/_stage/{name}", json=body, timeout=30)


def test_everybody_of_the_stage_can_log_in(stage: Stage) -> None:
    for key, person in PEOPLE.items():
        answer = ask(
            stage,
            f'mutation {{ tokenCreate(email: "{person.email}", password: "{PASSWORD}") '
            "{ user { id isStaff } } }",
        )["tokenCreate"]
        assert answer["user"] == {"id": stage.users[key], "isStaff": person.staff}


def test_the_stage_is_told_over_http_too(stage: Stage) -> None:
    assert requests.get(f"{stage.shop_url}/_stage/", timeout=30).json() == json.loads(
        stage.to_json()
    )


def test_the_simulator_and_the_mailbox_answer(stage: Stage) -> None:
    sessions = requests.get(f"{stage.simulator_url}/_sim/sessions", timeout=30)
    mails = requests.get(f"{stage.mailbox_url}/messages", timeout=30)
    assert (sessions.json(), mails.json()) == ({"sessions": []}, {"messages": []})


def test_the_sweeper_goes_round_when_asked(stage: Stage) -> None:
    assert control(stage, "sweep").json() == {}


def test_the_plugin_is_switched_on_and_off(stage: Stage) -> None:
    hook = stage.webhook_url("channel-keyless")
    secrets = {"stripe-secret-key": "sk_test_x", "stripe-webhook-secret": "whsec_x"}
    assert control(stage, "settings", channel="channel-keyless", values=secrets).json() == {}
    assert requests.post(hook, data="{}", timeout=30).status_code == 400
    assert control(stage, "settings", channel="channel-keyless", active=False).json() == {}
    assert requests.post(hook, data="{}", timeout=30).status_code == 404


def test_the_shops_time_and_timer_are_in_the_hands_of_tests(stage: Stage) -> None:
    admin = f'tokenCreate(email: "admin@example.com", password: "{PASSWORD}") {{ token }}'
    token = ask(stage, f"mutation {{ {admin} }}")["tokenCreate"]["token"]
    made = ask(
        stage,
        f"""mutation {{ draftOrderCreate(input: {{
          channelId: "{stage.channels["channel-expiring"]}",
          lines: [{{ variantId: "{stage.variants["MUG"]}", quantity: 1 }}]
        }}) {{ order {{ id }} }} }}""",
        token,
    )
    order = made["draftOrderCreate"]["order"]["id"]
    ask(stage, f'mutation {{ draftOrderComplete(id: "{order}") {{ order {{ id }} }} }}', token)

    assert control(stage, "clock", ahead=61).json() == {}
    assert control(stage, "expire").json() == {}
    assert control(stage, "clock", ahead=0).json() == {}

    read = ask(stage, f'{{ order(id: "{order}") {{ status }} }}')
    assert read == {"order": {"status": "EXPIRED"}}


@pytest.mark.parametrize("body", [{}, {"channel": "nowhere"}])
def test_settings_of_no_channel_are_refused(stage: Stage, body: dict[str, str]) -> None:
    assert control(stage, "settings", **body).status_code == 400


def test_a_second_sandbox_runs_beside_the_first(stage: Stage) -> None:
    other = Process("--shop-port=0", *FREE)
    assert Stage.from_json(other.told).shop_url != stage.shop_url
    assert other.stop() == 0
    assert ask(stage, "{ __typename }") == {"__typename": "Query"}


def test_the_services_run_without_a_shop() -> None:
    services = Process("services", *FREE)
    told = json.loads(services.told)
    with smtplib.SMTP(told["smtp_host"], told["smtp_port"], timeout=10) as smtp:
        smtp.sendmail("shop@example.com", ["customer@example.com"], "Subject: Hello\n\nYou.")
    mails = requests.get(f"{told['mailbox_url']}/messages", timeout=30).json()["messages"]
    simulator = requests.get(f"{told['simulator_url']}/_sim/sessions", timeout=30)
    assert services.stop() == 0
    assert services.word == "SERVICES"
    assert [mail["subject"] for mail in mails] == ["Hello"]
    assert simulator.json() == {"sessions": []}


def test_a_shop_does_not_start_where_django_runs_already() -> None:
    with pytest.raises(RuntimeError, match="a process of its own"):
        start()
