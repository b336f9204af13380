"""Looks into the built wheel: it holds the package whole, and nothing else."""

import sys
from pathlib import Path
from zipfile import ZipFile

NEEDED = {
    "saleor_paylink/apps.py",
    "saleor_paylink/migrations/0001_initial.py",
    "saleor_paylink/saleor/plugin.py",
    "saleor_paylink/mail/templates/request.html",
    "saleor_paylink/web/templates/pay.html",
}
ENTRY_POINT = "saleor_paylink = saleor_paylink.saleor.plugin:PaylinkPlugin"


def main(folder: str) -> None:
    """Raises SystemExit with what is wrong with the wheel in `folder`."""
    (wheel,) = Path(folder).glob("*.whl")
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
        info = next(name.split("/")[0] for name in names if name.endswith("dist-info/METADATA"))
        entry_points = archive.read(f"{info}/entry_points.txt").decode()
    tops = {name.split("/")[0] for name in names}
    wrong = [f"a top level {top}" for top in sorted(tops - {"saleor_paylink", info})]
    wrong += [f"no {name}" for name in sorted(NEEDED - names)]
    if ENTRY_POINT not in entry_points:
        wrong.append("no entry point for Saleor")
    if wrong:
        raise SystemExit(f"{wheel.name}: {', '.join(wrong)}")
    print(f"{wheel.name}: {len(names)} files, all of the package and nothing else")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
