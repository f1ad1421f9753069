"""Pages may call the server that they came from, by a name that it has; others are refused."""

import logging
import socket
from collections.abc import Collection

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from webrtc.signaling import sites
from webrtc.signaling.sites import Sites

NAME = "workbench"


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", NAME.upper)
    monkeypatch.setattr(socket, "getfqdn", lambda name: f"{name}.example.net.")
    sites._full_name.cache_clear()


async def admitted(
    host: str | None,
    origin: str | None,
    origins: Collection[str] = (),
    hosts: Collection[str] = (),
    **headers: str,
) -> bool:
    """Whether a request is let in."""
    told = {"Host": host, "Origin": origin, **headers}
    request = make_mocked_request("GET", "/", {key: each for key, each in told.items() if each})
    try:
        await Sites(origins, hosts).check(request)
    except web.HTTPForbidden:
        return False
    return True


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8080",
        "localhost.",
        "demo.localhost:8080",
        "127.0.0.1:1",
        "192.0.2.7:8080",
        "[::1]:8080",
        "[2001:db8::7]",
        "workbench:8080",
        "Workbench.local",
        "workbench.example.net",
        "known.example.org:8443",
        "page.example.org",
    ],
)
async def test_page_of_this_server_may_call_by_each_of_its_names(host: str) -> None:
    hosts, origins = ["Known.example.org"], ["https://page.example.org:444"]
    assert await admitted(host, f"http://{host}", origins, hosts)


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        "attacker.example:8080",
        "localhost.attacker.example",
        "127.0.0.1.attacker.example",
        "notlocalhost",
        "workbench.attacker.example",
        "xknown.example.org",
        "example.org",
        "[::1",
        "[x]",
        ":8080",
        "",
    ],
)
async def test_name_that_leads_here_without_being_ours_is_refused(host: str) -> None:
    """DNS rebinding: the page has this very name, so Origin alone would let it in."""
    hosts, origins = ["known.example.org"], ["https://page.example.org"]
    assert not await admitted(host, f"http://{host}", origins, hosts)


async def test_name_that_a_proxy_tells_is_not_read() -> None:
    forwarded = {"X-Forwarded-Host": "localhost", "Forwarded": "host=localhost"}
    assert not await admitted("a.example", "http://a.example", **forwarded)
    assert await admitted("localhost", "http://localhost", **{"X-Forwarded-Host": "a.example"})


@pytest.mark.parametrize("hosts", ["*", ["*"]])
async def test_proxy_that_checks_can_be_left_to_it(hosts: Collection[str]) -> None:
    assert await admitted("a.example", "http://a.example", hosts=hosts)
    assert not await admitted("a.example", "http://b.example", hosts=hosts)


async def test_one_host_needs_no_list() -> None:
    assert await admitted("a.example", "http://a.example", hosts="a.example")
    assert not await admitted("x", "http://x", hosts="a.example")


async def test_client_that_is_no_browser_is_not_asked() -> None:
    assert await admitted("attacker.example", None)
    assert await admitted(None, None)


async def test_origin_without_host_is_refused() -> None:
    assert not await admitted(None, "http://localhost")


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8080", "http://localhost:8081"),
        ("localhost:8080", "http://127.0.0.1:8080"),
        ("localhost", "https://example.com"),
        ("localhost", "null"),
        ("localhost", "http://x@localhost"),
        ("localhost:443", "http://localhost"),
    ],
)
async def test_page_of_another_site_is_refused(host: str, origin: str) -> None:
    assert not await admitted(host, origin)
    assert await admitted(host, origin, origins=[origin.upper()])


async def test_port_that_goes_without_saying_may_be_said() -> None:
    assert await admitted("localhost:443", "https://localhost")
    assert await admitted("localhost", "http://localhost:80")


async def test_first_refusal_of_a_kind_is_a_warning_that_names_what_to_add(
    caplog: pytest.LogCaptureFixture,
) -> None:
    found = Sites((), ())
    for host, origin in (("a.example:80", "http://a.example"), ("localhost", "http://b.example")):
        for _ in range(3):
            request = make_mocked_request("GET", "/", {"Host": host, "Origin": origin})
            with pytest.raises(web.HTTPForbidden):
                await found.check(request)
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    host, origin = (record.getMessage() for record in caplog.records)
    assert "hosts=['a.example']" in host
    assert "origins=['http://b.example']" in origin
    assert "--allow-host 'a.example'" in host


async def test_what_is_logged_stays_on_its_line(caplog: pytest.LogCaptureFixture) -> None:
    await admitted("localhost", "http://a.example/\x1b[31m" + "x" * 1000)
    message = caplog.records[0].getMessage()
    assert message.isprintable()
    assert len(message) < 1000
