"""A shop's own templates in place of paylink's."""

import os
from pathlib import Path

VARIABLE = "PAYLINK_TEMPLATES"


def template_folders(kind: str, own: Path) -> list[str]:
    """Where templates of that kind ("pages") are looked for: in the shop's folder, the
    subfolder of that name where the variable PAYLINK_TEMPLATES says, then in paylink's `own`."""
    given = os.environ.get(VARIABLE)
    return [*([str(Path(given) / kind)] if given else []), str(own)]
