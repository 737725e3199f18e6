# SPDX-License-Identifier: Apache-2.0
"""``truceline serve``: the operations room, for browsers and programs."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from socket import AF_INET, AF_INET6, IPPROTO_TCP, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket
from typing import Annotated

import typer

from truceline.cli import show
from truceline.errors import Fault, RejectedInput

Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Where to listen; 0: any free port.")]
Host = Annotated[str, typer.Option("--host", help="At which address of this machine to listen.")]
Address = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="URL",
        help="What people type to reach it, such as https://example.org, where a proxy with TLS stands "
        "before it; left out: this machine alone.",
    ),
]

Oidc = Annotated[
    Path | None,
    typer.Option(
        "--oidc",
        metavar="FILE",
        help="The organisations whose people may sign in with their own accounts; left out: oidc.toml in "
        "the mission's folder, if it is there.",
    ),
]


def serve(
    folder: Annotated[Path, typer.Argument(metavar="MISSION", help="The mission's folder.")],
    port: Port = 8000,
    host: Host = "127.0.0.1",
    address: Address = None,
    oidc: Oidc = None,
) -> None:
    """Serve a mission: console and API.  Ends with Ctrl-C; nothing acknowledged is lost."""
    serve_mission(folder, host, port, address, oidc)


def serve_mission(folder: Path, host: str, port: int, address: str | None, oidc: Path | None = None) -> None:
    """Serve a mission until somebody ends it.

    Raises:
        RejectedInput: The address is none, would be served to others without TLS, or is taken.
    """
    import uvicorn

    from truceline.access import Desk
    from truceline.access.providers import FILE_NAME, read_providers
    from truceline.api import Room
    from truceline.mission import open_mission
    from truceline.storage.accounts import AccountStore
    from truceline.web import service

    if host not in {"127.0.0.1", "::1", "localhost"} and not (address or "").startswith("https://"):
        raise RejectedInput(
            "Others would reach this service without TLS.",
            [
                Fault(
                    "serve", "--address", "name the https address that a proxy before it answers to", address
                )
            ],
        )
    if address is not None and not address.startswith(("https://", "http://")):
        raise RejectedInput(
            "The address cannot be used.", [Fault("serve", "--address", "begin it with https://", address)]
        )
    stated = oidc or (folder / FILE_NAME if (folder / FILE_NAME).exists() else None)
    providers = () if stated is None else read_providers(stated, os.environ)
    mission = open_mission(folder)
    try:
        listening = listen(host, port)
    except RejectedInput:
        mission.close()
        raise
    with listening:
        bound = listening.getsockname()[1]
        named = f"[{host}]" if ":" in host else host
        room = Room(
            mission,
            Desk(mission, AccountStore(mission.folder)),
            (address or f"http://{named}:{bound}").rstrip("/"),
            providers,
        )
        try:
            app = service(room)
            _greet(room.address, room.desk.first_invitation())
            behind = "*" if address else "127.0.0.1"
            config = uvicorn.Config(
                app,
                log_level=os.environ.get("TRUCELINE_LOG", "warning"),
                access_log=False,
                server_header=False,
                proxy_headers=address is not None,
                forwarded_allow_ips=behind,
                timeout_graceful_shutdown=5,
                # Longer than proxies and clients keep one, so that none asks on a line just being closed.
                timeout_keep_alive=75,
            )
            with suppress(KeyboardInterrupt):  # Ctrl-C is how it ends
                uvicorn.Server(config).run(sockets=[listening])
        finally:
            room.close()


def listen(host: str, port: int) -> socket:
    """Return a socket that listens; port 0: at any that is free.

    Raises:
        RejectedInput: Nothing can listen there.
    """
    # The protocol is named so that asyncio sends small answers at once (TCP_NODELAY): 40 ms each, else.
    listening = socket(AF_INET6 if ":" in host else AF_INET, SOCK_STREAM, IPPROTO_TCP)
    listening.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()  # so that whoever follows the greeting's link at once is not turned away
    except OSError as error:
        listening.close()
        raise RejectedInput(
            f"Nothing can listen on port {port} of {host}: {error.strerror}. "
            "Name another port: --port 8001; 0 takes any that is free.",
            [Fault("serve", "--port", str(error.strerror), str(port))],
        ) from error
    return listening


def _greet(address: str, invitation: str | None) -> None:
    show.say(f"Open {address}/ in a browser. Ctrl-C ends the service.")
    if invitation is not None:
        show.say(
            "Nobody has entered yet. This link makes you the administrator; it opens once, within three days:"
        )
        show.say(f"  {address}/welcome/{invitation}")
    sys.stdout.flush()
