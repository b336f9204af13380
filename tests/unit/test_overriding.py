"""A shop can show and send templates of its own."""

from pathlib import Path

import pytest
from django.template import Context, Engine

from saleor_paylink.overriding import template_folders


def test_a_template_of_the_shops_stands_in_for_ours_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs" / "pages"
    ours.mkdir()
    theirs.mkdir(parents=True)
    (ours / "footer.html").write_text("our footer")
    (ours / "header.html").write_text("our header")
    (theirs / "footer.html").write_text("their footer")
    monkeypatch.setenv("PAYLINK_TEMPLATES", str(tmp_path / "theirs"))

    engine = Engine(dirs=template_folders("pages", ours))

    shown = [engine.get_template(name).render(Context()) for name in ("header.html", "footer.html")]
    assert shown == ["our header", "their footer"]


def test_without_a_folder_there_are_only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAYLINK_TEMPLATES", raising=False)

    assert template_folders("pages", Path("/ours")) == ["/ours"]
