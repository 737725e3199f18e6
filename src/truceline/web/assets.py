# SPDX-License-Identifier: Apache-2.0
"""Style, script and the page that checks a proof: what a browser fetches beside pages.

Every address holds the digest of what it leads to, so that it can be kept for good.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from truceline.reports.marks import colour_rules

TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "svg": "image/svg+xml",
}
_FOR_GOOD: Final = {"Cache-Control": "public, max-age=31536000, immutable"}


@dataclass(frozen=True, slots=True)
class Assets:
    """The files, by name, behind one digest of all of them."""

    digest: str
    held: dict[str, bytes]

    def address(self, name: str) -> str:
        """Return where a file is.

        Raises:
            KeyError: There is none of that name.
        """
        if name not in self.held:
            raise KeyError(name)
        return f"/assets/{self.digest}/{name}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file, or that there is none."""
        path = str(scope["path"]).removeprefix("/assets/")
        digest, _, name = path.partition("/")
        content = self.held.get(name) if digest == self.digest else None
        if content is None or scope["method"] not in {"GET", "HEAD"}:
            await Response("There is no such file.", 404, media_type="text/plain")(scope, receive, send)
            return
        media_type = TYPES[name.rpartition(".")[2]]
        await Response(content, 200, _FOR_GOOD, media_type)(scope, receive, send)


def load_assets() -> Assets:
    """Return the files of the package."""
    web, reports = files("truceline.web"), files("truceline.reports")
    style = (reports / "templates" / "daily.css").read_text(encoding="utf-8") + str(colour_rules())
    style += (web / "static" / "console.css").read_text(encoding="utf-8")
    held = {"console.css": style.encode()}
    held |= {one.name: one.read_bytes() for one in _of(web / "static", "js")}
    held |= {f"verify/{one.name}": one.read_bytes() for one in _of(web / "verify", "html", "css", "js")}
    whole = hashlib.sha256(b"".join(name.encode() + content for name, content in sorted(held.items())))
    return Assets(whole.hexdigest()[:16], held)


def _of(folder: Traversable, *endings: str) -> list[Traversable]:
    found = [one for one in folder.iterdir() if one.name.rpartition(".")[2] in endings]
    return sorted(found, key=lambda one: one.name)
