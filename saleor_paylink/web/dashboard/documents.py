"""The contract's ready-made documents (graphql/operations), which the frames run as they are."""

from pathlib import Path

import saleor_paylink

PACKAGE = Path(saleor_paylink.__file__).parent
# Installed, they lie within the package (setup.cfg); in a checkout, where clients look for them.
FOLDER = next(
    folder
    for folder in (PACKAGE / "documents", PACKAGE.parent / "graphql" / "operations")
    if folder.is_dir()
)

LINK_WORK = (
    "PaymentLinkCreate",
    "PaymentLinkExtend",
    "PaymentLinkMarkPaid",
    "PaymentLinkReject",
    "PaymentLinkRevoke",
    "PaymentLinkRotate",
    "PaymentLinkSend",
    "PaymentLinkSkip",
    "PaymentLinkSync",
    "PaymentRemindersResume",
    "PaymentRemindersStop",
)
LIST_WORK = (
    "PaymentLinks",
    "PaymentLinkBulkCreate",
    "PaymentLinkBulkSend",
    "PaymentExceptions",
    "PaymentExceptionResolve",
)
OF_FRAME = {
    "widget": ("OrderPayment", *LINK_WORK),
    "prompt": ("OrderPayment", *LINK_WORK),
    "links": LIST_WORK,
    "earnings": ("PaymentEarnings",),
}
TEXTS = {
    name: (FOLDER / f"{name}.graphql").read_text()
    for name in sorted({name for names in OF_FRAME.values() for name in names})
}


def documents(frame: str) -> dict[str, str]:
    """What a frame asks, by the names of the operations."""
    return {name: TEXTS[name] for name in OF_FRAME[frame]}
