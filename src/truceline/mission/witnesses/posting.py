# SPDX-License-Identifier: Apache-2.0
"""One HTTP POST to somebody whose answer we want but do not depend on.

Whoever is down, slow or talks nonsense is an answer too, never an exception: a
witness that fails must not keep the log from being published.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

TIMEOUT_S = 10.0
MAX_REPLY = 1 << 17


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nothing came back that could be read, and why."""

    reason: str


Post = Callable[[str, str, bytes], Reply | Unreachable]
"""Posts a body: (URL, content type, body)."""


def post(url: str, content_type: str, body: bytes) -> Reply | Unreachable:
    """Post a body over HTTP or HTTPS; follows no redirect and uses no proxy."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        return Unreachable(f"{url!a} is not a web address: {error}")
    if parts.scheme not in ("http", "https") or not host or not url.isascii():
        return Unreachable(f"{url!a} is not an http:// or https:// address")
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connect(host, port, timeout=TIMEOUT_S)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    try:
        connection.request("POST", path, body, {"Content-Type": content_type})
        response = connection.getresponse()
        data = response.read(MAX_REPLY + 1)
    except (OSError, HTTPException, ValueError) as error:
        return Unreachable(f"no answer: {error or type(error).__name__}")
    finally:
        connection.close()
    if len(data) > MAX_REPLY:
        return Unreachable("the answer is too long")
    return Reply(response.status, response.headers.get_content_type(), data)
