"""What an operator reads."""

import pytest
from django.core.management import call_command

from saleor_paylink.operating.findings import failure, ok, warning


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (ok("mode", "All live."), "ok       mode: All live."),
        (warning("mode", "Mixed.", "Choose."), "warning  mode: Mixed. — Choose."),
        (failure("mode", "None.", "Choose."), "FAILURE  mode: None. — Choose."),
    ],
)
def test_a_finding_is_one_line(finding, line):
    assert str(finding) == line


@pytest.mark.parametrize("command", ["paylink_setup", "paylink_check"])
def test_where_there_is_no_saleor_the_commands_say_so(command):
    with pytest.raises(RuntimeError, match="for a Saleor with saleor-paylink installed"):
        call_command(command)
