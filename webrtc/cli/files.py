"""The commands that move files, and their options."""

import asyncio
from pathlib import Path
from typing import Unpack

import click
from rich.console import Console

from webrtc import RTCIceServer
from webrtc.cli import ending, receiving, sending
from webrtc.cli.demo import in_url
from webrtc.cli.listening import listen
from webrtc.cli.rules import rules_options
from webrtc.errors import InvalidSyntaxError, WebRTCError
from webrtc.signaling import Rendezvous, Rules
from webrtc.transfer import Code
from webrtc.transfer.code import MAX_WORDS, WORDS_IN_CODE

port_number = click.IntRange(0, 65535)
seconds = click.FloatRange(min=0, min_open=True)


def parse_servers(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[RTCIceServer, ...]:
    """The servers, looked at before anything begins."""
    servers = tuple(RTCIceServer(f"stun:{each.removeprefix('stun:')}") for each in values)
    try:
        for server in servers:
            _ = server.addresses
    except WebRTCError as error:
        raise click.BadParameter(str(error), context, parameter) from error
    return servers


def parse_code(context: click.Context, parameter: click.Parameter, value: str | None) -> Code:
    """Ask for the code when it is not given: what is typed there is in no shell history."""
    try:
        return Code.parse(click.prompt("code") if value is None else value)
    except InvalidSyntaxError as error:
        raise click.BadParameter(str(error), context, parameter) from error


stun_option = click.option(
    "--stun",
    multiple=True,
    metavar="HOST[:PORT]",
    callback=parse_servers,
    help="STUN server; may be given several times.",
)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", help="Use the rendezvous at this address instead of an own one.")
@click.option(
    "--host",
    default="localhost",
    show_default=True,
    help="Address to serve the rendezvous at; 0.0.0.0 lets other machines come.",
)
@click.option(
    "--port",
    default=sending.PORT,
    show_default=True,
    type=port_number,
    help="TCP port of the rendezvous; the next free one when it is busy, any free one for 0.",
)
@stun_option
@click.option(
    "--words",
    default=WORDS_IN_CODE,
    show_default=True,
    type=click.IntRange(2, MAX_WORDS),
    help="Words in the code, 8 bits each.",
)
@click.option(
    "--wait",
    default=3600.0,
    show_default=True,
    type=seconds,
    help="Seconds to wait for the receiver, also when it was lost.",
)
def send(
    *,
    file: Path,
    url: str | None,
    host: str,
    port: int,
    stun: tuple[RTCIceServer, ...],
    words: int,
    wait: float,
) -> None:
    """Send FILE to `webrtc receive` in another terminal, which needs the code this prints."""
    console = Console(highlight=False)
    plan = sending.Plan(file, url, host, port, stun, words, wait)
    raise SystemExit(ending.run(console, sending.send(console, plan)))


@click.command()
@click.argument("code", required=False, callback=parse_code)
@click.option(
    "--url", default=sending.URL, show_default=True, help="Where the sender or its rendezvous is."
)
@click.option(
    "-d",
    "--directory",
    default=".",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where to put the file; by default here.",
)
@click.option("--overwrite", is_flag=True, help="Replace a file of the same name.")
@stun_option
@click.option(
    "--retry",
    default=60.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="Seconds in which a lost connection has to come back.",
)
def receive(
    *,
    code: Code,
    url: str,
    directory: Path,
    overwrite: bool,
    stun: tuple[RTCIceServer, ...],
    retry: float,
) -> None:
    """Receive the file of `webrtc send` that has printed CODE. Continues what was broken off."""
    console = Console(highlight=False)
    plan = receiving.Plan(code, url, directory, overwrite, stun, retry)
    raise SystemExit(ending.run(console, receiving.receive(console, plan)))


@click.command()
@click.option("--host", default="localhost", show_default=True, help="Address to serve at.")
@click.option(
    "--port",
    default=sending.PORT,
    show_default=True,
    type=port_number,
    help="TCP port; the next free one when it is busy, any free one for 0.",
)
@rules_options
def rendezvous(*, host: str, port: int, **rules: Unpack[Rules]) -> None:
    """Serve a rendezvous for `webrtc send --url` and `webrtc receive --url`."""
    console = Console(highlight=False)
    raise SystemExit(ending.run(console, _serve(console, host, port, rules)))


async def _serve(console: Console, host: str, port: int, rules: Rules) -> None:
    app = Rendezvous(**rules).application()
    runner, port = await listen(app, host, port, rules.get("trusted_proxies", ()))
    try:
        console.print(f"serving at http://{in_url(host)}:{port}   Ctrl-C stops", soft_wrap=True)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
