"""The Dashboard's frames in Saleor: where they are, and what those who look at them may do."""

from types import SimpleNamespace

from django.urls import reverse
from saleor.core.db.connection import allow_writer
from saleor.permission.enums import PaymentPermissions

from saleor_paylink.saleor import schema, staff_sessions
from saleor_paylink.saleor.paths import frames_path
from saleor_paylink.web.dashboard.desk import Bearer, StaffToken


class SaleorDesk:
    """saleor_paylink.web.dashboard.desk.Desk over Saleor's own tokens. Keeps no state."""

    @property
    def root(self) -> str:
        return f"{frames_path()}/"

    @property
    def graphql_path(self) -> str:
        return str(reverse("api"))

    def renew(self, token: str) -> StaffToken | None:
        return staff_sessions.renew(token)

    @allow_writer()
    def bearer(self, token: str) -> Bearer | None:
        context = staff_sessions.context_of(token)
        if context is None:
            return None
        info = SimpleNamespace(context=context)
        return Bearer(
            schema.has_permission(info, PaymentPermissions.HANDLE_PAYMENTS),
            schema.accessible_channels(info),
        )
