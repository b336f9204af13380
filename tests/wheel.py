"""Looks into the built wheel: it holds the package whole, and nothing else."""

import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = {".py", ".html", ".txt", ".css", ".js", ".svg", ".po", ".mo"}
ENTRY_POINT = "saleor_paylink = saleor_paylink.saleor.plugin:PaylinkPlugin"


def main(folder: str) -> None:
    """Raises SystemExit with what is wrong with the wheel in `folder`."""
    (wheel,) = Path(folder).glob("*.whl")
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
        info = next(name.split("/")[0] for name in names if name.endswith("dist-info/METADATA"))
        entry_points = archive.read(f"{info}/entry_points.txt").decode()
    held = {name for name in names if not name.startswith(info)}
    wrong = [f"{name} too much" for name in sorted(held - _package())]
    wrong += [f"{name} missing" for name in sorted(_package() - held)]
    if ENTRY_POINT not in entry_points:
        wrong.append("no entry point for Saleor")
    if wrong:
        raise SystemExit(f"{wheel.name}: {', '.join(wrong)}")
    print(f"{wheel.name}: {len(held)} files, all of the package and nothing else")  # noqa: T201


def _package() -> set[str]:
    """What has to be in the wheel, by its name there."""
    package = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "saleor_paylink").rglob("*")
        if path.suffix in SHIPPED
    }
    migrations = (ROOT / "migrations").glob("*.py")
    operations = (ROOT / "graphql" / "operations").glob("*.graphql")
    return (
        package
        | {f"saleor_paylink/migrations/{path.name}" for path in migrations}
        | {f"saleor_paylink/documents/{path.name}" for path in operations}
    )


if __name__ == "__main__":
    main(sys.argv[1])
