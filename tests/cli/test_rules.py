"""The options that say who may call."""

import click
import pytest
from click.testing import CliRunner

from webrtc.cli.rules import rules_options
from webrtc.signaling import Rules
from webrtc.signaling.door import Door


def parsed(*arguments: str) -> tuple[int, str, Rules]:
    """Exit status, output, and what the command was given."""
    given = Rules()

    @click.command()
    @rules_options
    def command(**rules: object) -> None:
        given.update(rules)  # type: ignore[typeddict-item] # that they fit is what is tested

    result = CliRunner().invoke(command, arguments)
    return result.exit_code, result.output, given


def test_options_are_the_rules_of_a_server() -> None:
    _, _, rules = parsed(
        *("--allow-host", "a.example", "--allow-host", "b.example"),
        *("--allow-origin", "https://c.example", "--trusted-proxy", "10.0.0.0/8"),
    )
    assert rules == {
        "hosts": ("a.example", "b.example"),
        "origins": ("https://c.example",),
        "trusted_proxies": ("10.0.0.0/8",),
    }
    Door(**rules)


def test_nothing_is_allowed_that_is_not_asked_for() -> None:
    assert parsed()[2] == {"hosts": (), "origins": (), "trusted_proxies": ()}


@pytest.mark.parametrize("value", ["proxy.example.org", "10.0.0.0/99"])
def test_proxy_that_is_no_address_is_explained(value: str) -> None:
    status, output, _ = parsed("--trusted-proxy", value)
    assert status == 2
    assert value in output
