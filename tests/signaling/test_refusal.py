"""A refusal is a status, and JSON that says why."""

import json

from aiohttp import web

from webrtc.signaling.refusal import refusal


def test_refusal_has_its_reason_in_json_and_the_headers_it_is_given() -> None:
    found = refusal(web.HTTPServiceUnavailable, "not now", **{"Retry-After": "5"})
    assert found.status == 503
    assert found.content_type == "application/json"
    assert json.loads(found.text or "") == {"error": "not now"}
    assert found.headers["Retry-After"] == "5"
