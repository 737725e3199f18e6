# SPDX-License-Identifier: Apache-2.0
"""Style, script, base map and the page that checks a proof: what a browser fetches beside pages.

Every address holds the digest of what it leads to, so that it can be kept for good.  What
``make console`` builds is in ``built``; where it was not built, pages do without.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from truceline.reports.marks import colour_rules

TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "svg": "image/svg+xml",
    "pmtiles": "application/vnd.pmtiles",
}
BASE_MAP: Final = "built/base.pmtiles"
NEEDED: Final = ("built/map.js", "built/map.css", "built/timeline.js")
_FOR_GOOD: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_log = logging.getLogger("truceline.service")


@dataclass(frozen=True, slots=True)
class Assets:
    """The files, by name, behind one digest of all of them.

    Attributes:
        digest: Of all.
        held: Those that are sent whole, in memory.
        parts: Those of which a browser asks for parts (HTTP Range), on disk.
    """

    digest: str
    held: Mapping[str, bytes]
    parts: Mapping[str, Path] = field(default_factory=dict)

    @property
    def built(self) -> bool:
        """Whether the console's islands are there."""
        return all(name in self.held for name in NEEDED)

    def has(self, name: str) -> bool:
        """Tell whether there is a file of that name."""
        return name in self.held or name in self.parts

    def address(self, name: str) -> str:
        """Return where a file is.

        Raises:
            KeyError: There is none of that name.
        """
        if not self.has(name):
            raise KeyError(name)
        return f"/assets/{self.digest}/{name}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file, or that there is none."""
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        path = str(scope["path"]).removeprefix("/assets/")
        digest, _, name = path.partition("/")
        if digest != self.digest or not self.has(name) or scope["method"] not in {"GET", "HEAD"}:
            return Response("There is no such file.", 404, media_type="text/plain")
        media_type = TYPES[name.rpartition(".")[2]]
        if name in self.parts:
            return FileResponse(self.parts[name], 200, _FOR_GOOD, media_type)
        headers, content = {**_FOR_GOOD, "Vary": "Accept-Encoding"}, self.held[name]
        if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            headers["Content-Encoding"], content = "gzip", _packed(content)
        return Response(content, 200, headers, media_type)


@cache
def _packed(content: bytes) -> bytes:
    """Return a file compressed as far as it goes, once: the map's script is a megabyte, and lines are bad."""
    return gzip.compress(content, 9, mtime=0)


def load_assets(built: Traversable | None = None) -> Assets:
    """Return the files of the package.

    Args:
        built: Where ``make console`` put what it built; None: in the package.
    """
    web, reports = files("truceline.web"), files("truceline.reports")
    style = (reports / "templates" / "daily.css").read_text(encoding="utf-8") + str(colour_rules())
    style += (web / "static" / "console.css").read_text(encoding="utf-8")
    held = {"console.css": style.encode()}
    held |= {one.name: one.read_bytes() for one in _of(web / "static", "js")}
    held |= {f"verify/{one.name}": one.read_bytes() for one in _of(web / "verify", "html", "css", "js")}
    built = built or web / "built"
    held |= {f"built/{one.name}": one.read_bytes() for one in _of(built, "js", "css")}
    parts = {f"built/{one.name}": Path(str(one)) for one in _of(built, "pmtiles")}
    whole = hashlib.sha256(b"".join(name.encode() + content for name, content in sorted(held.items())))
    for name, path in sorted(parts.items()):
        whole.update(name.encode() + hashlib.sha256(path.read_bytes()).digest())
    assets = Assets(whole.hexdigest()[:16], held, parts)
    if not assets.built:
        _log.warning("The console was not built (make console): its map is drawn here and does not move.")
    elif not assets.has(BASE_MAP):
        _log.warning("There is no base map (make console): the moving map has no land, borders or towns.")
    return assets


def _of(folder: Traversable, *endings: str) -> list[Traversable]:
    if not folder.is_dir():
        return []
    found = [one for one in folder.iterdir() if one.name.rpartition(".")[2] in endings]
    return sorted(found, key=lambda one: one.name)
