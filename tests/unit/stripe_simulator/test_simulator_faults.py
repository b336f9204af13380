"""Faults that a test takes back."""

from sandbox.stripe import Simulator


def test_cleared_faults_do_not_happen(simulator: Simulator) -> None:
    simulator.add_fault("GET", "/v1/events", "error_500", times=9)

    simulator.clear_faults()

    assert simulator.request("GET", "/v1/events", key="sk_test_shop").status == 200
