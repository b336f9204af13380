"""The Saleor to try paylink in, with the plugin installed from the wheel as anybody would.

SALEOR_HOME is its checkout (~/saleor if not set) and SALEOR_PYTHON the interpreter of its
environment (.venv/bin/python there).
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).with_name("inside.py")
SALEOR_HOME = Path(os.environ.get("SALEOR_HOME") or "~/saleor").expanduser().resolve()
SALEOR_PYTHON = os.environ.get("SALEOR_PYTHON") or str(SALEOR_HOME / ".venv/bin/python")
PACKAGED = (
    "saleor_paylink",
    "migrations",
    "graphql",
    "setup.cfg",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)


def command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module in Saleor's environment."""
    return [SALEOR_PYTHON, str(INSIDE), module, *arguments]


def variables(**extra: str) -> dict[str, str]:
    """The environment of such a command."""
    return {
        **os.environ,
        "PYTHONPATH": "",
        "SALEOR_HOME": str(SALEOR_HOME),
        "DJANGO_SETTINGS_MODULE": "tests.saleor.settings",
        **extra,
    }


def install() -> None:
    """Build the wheel and install it where Saleor is, with what it needs that is not there.

    Raises SystemExit where there is no Saleor.
    """
    if not (SALEOR_HOME / "saleor").is_dir() or not shutil.which(SALEOR_PYTHON):
        raise SystemExit(
            f"There is no Saleor with its environment at {SALEOR_HOME}: set SALEOR_HOME to its "
            "checkout, and SALEOR_PYTHON if its environment is not in .venv there."
        )
    with tempfile.TemporaryDirectory() as folder:
        wheel = str(_build(Path(folder)))
        # The first replaces an older build of the same version; the second brings what is missing.
        _pip("--force-reinstall", "--no-deps", wheel)
        _pip(wheel)
    if subprocess.run([SALEOR_PYTHON, "-c", "import pytest"], stderr=subprocess.DEVNULL).returncode:
        _pip("pytest")


def _build(folder: Path) -> Path:
    """Built from a copy, so that builds do not meet in the checkout."""
    source = folder / "source"
    source.mkdir()
    for name in PACKAGED:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, source / name)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    subprocess.run([*build, str(folder), str(source)], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _pip(*arguments: str) -> None:
    install = [sys.executable, "-m", "pip", "--python", SALEOR_PYTHON, "install", "--quiet"]
    quiet: Mapping[str, str] = {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    subprocess.run([*install, *arguments], check=True, env={**os.environ, **quiet})


def schema_key() -> str:
    """Changes with whatever changes Saleor's own tables."""
    digest = hashlib.sha256()
    for path in sorted(SALEOR_HOME.glob("saleor/*/migrations/*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]
