"""This Saleor as its operator sees it: the Host protocol."""

from collections.abc import Collection, Iterator

from saleor_paylink.operating.findings import Finding
from saleor_paylink.saleor import checks, setup


class SaleorHost:
    """Keeps no state. Is called with leave to write."""

    def set_up(self, activate: Collection[str]) -> Iterator[Finding]:
        return setup.set_up(activate)

    def remove(self) -> Iterator[Finding]:
        return setup.remove()

    def check(self) -> Iterator[Finding]:
        return checks.check()
