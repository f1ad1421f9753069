"""How a server says no: a status, and the reason in JSON."""

import json
from collections.abc import Callable

from aiohttp import web


def refusal(
    kind: Callable[..., web.HTTPException], reason: str, **headers: str
) -> web.HTTPException:
    """An exception for a handler to raise."""
    body = json.dumps({"error": reason})
    return kind(text=body, content_type="application/json", headers=headers)
