"""A door lets in who may call, and counts them while they are there."""

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from webrtc.signaling.door import Door


def request(remote: str, **headers: str) -> web.Request:
    return make_mocked_request("GET", "/", headers).clone(remote=remote)


async def test_address_is_counted_during_the_request() -> None:
    door = Door(max_per_address=1)
    async with door.admit(request("192.0.2.1")):
        with pytest.raises(web.HTTPTooManyRequests):
            async with door.admit(request("192.0.2.1")):
                pytest.fail("let in")
        async with door.admit(request("192.0.2.2")):
            pass
    async with door.admit(request("192.0.2.1")):
        pass


async def test_page_that_may_not_call_is_not_counted() -> None:
    door = Door(max_per_address=1)
    foreign = {"Host": "a.example", "Origin": "http://a.example"}
    for _ in range(3):
        with pytest.raises(web.HTTPForbidden):
            async with door.admit(request("192.0.2.1", **foreign)):
                pytest.fail("let in")
    async with door.admit(request("192.0.2.1")):
        pass


async def test_rules_reach_what_they_are_for() -> None:
    door = Door(
        origins=["http://a.example"], trusted_proxies=["192.0.2.1"], max_per_address=0, hosts="*"
    )
    headers = {"Host": "b.example", "Origin": "http://a.example"}
    async with door.admit(request("192.0.2.1", **headers)):
        pass
