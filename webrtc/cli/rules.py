"""The options that say who may call a server of the commands."""

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any, TypeVar

import click

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


def parse_networks(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """The proxies, looked at before anything begins."""
    try:
        for each in values:
            ip_network(each, strict=False)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from error
    return values


_OPTIONS = (
    click.option(
        "--allow-host",
        "hosts",
        multiple=True,
        metavar="NAME",
        help="Name by which browsers reach this server, besides those of this machine; * is any.",
    ),
    click.option(
        "--allow-origin",
        "origins",
        multiple=True,
        metavar="URL",
        help="Page of another site that may call.",
    ),
    click.option(
        "--trusted-proxy",
        "trusted_proxies",
        multiple=True,
        metavar="ADDRESS[/BITS]",
        callback=parse_networks,
        help="Proxy through which many callers come, so that none of them is refused for it.",
    ),
)


def rules_options(command: CommandT) -> CommandT:
    """Give a command the arguments of `webrtc.signaling.Rules`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
