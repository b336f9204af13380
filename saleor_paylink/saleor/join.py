"""Joins paylink to the Saleor that it is installed in."""

import sys

from django.core.exceptions import ImproperlyConfigured

from saleor_paylink.operating import findings
from saleor_paylink.saleor import versions
from saleor_paylink.saleor.schedule import schedule_sweep
from saleor_paylink.shop import install

_joined = False


def join() -> None:
    """Called by AppConfig.ready(): Saleor's own apps are ready, its schema is not built yet.

    Raises ImproperlyConfigured where paylink could not work, with the reason.
    """
    global _joined
    if _joined:
        return
    versions.check()
    if "saleor.graphql.api" in sys.modules:
        raise ImproperlyConfigured(
            "Saleor's GraphQL schema was built before saleor_paylink was ready, so that the "
            "fields of payment links would be missing from it. Something imports "
            "saleor.graphql.api too early: a settings module, or a plugin or app that is "
            "listed before saleor_paylink."
        )
    # These build upon Saleor's GraphQL types, which must be left alone where the check fails.
    from saleor_paylink.saleor import books
    from saleor_paylink.saleor.door import open_door
    from saleor_paylink.saleor.guards import follow_mutations, guard_mutations
    from saleor_paylink.saleor.host import SaleorHost
    from saleor_paylink.saleor.schema import mount
    from saleor_paylink.saleor.shop import SaleorShop

    install(SaleorShop())
    findings.install(SaleorHost())
    open_door()
    mount()
    guard_mutations()
    follow_mutations()
    books.listen()
    schedule_sweep()
    _joined = True
