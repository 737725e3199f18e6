# SPDX-License-Identifier: Apache-2.0
"""``oidc.toml``: the organisations whose people may sign in with their own accounts.

Secrets stand in a variable of the environment or in a file of their own, never here, and
are shown by nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from truceline.errors import Fault, RejectedInput

FILE_NAME: Final = "oidc.toml"
PROVIDER_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")

Text = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


@dataclass(frozen=True, slots=True)
class Provider:
    """Who answers for an organisation's people (an OpenID provider).

    Attributes:
        id: Lower-case letters, digits and hyphens; it stands in addresses here.
        label: What people read who sign in.
        issuer: Its address, exactly as it writes it itself.
        client_id: Who this service is to it.
        secret: By which this service shows that.
    """

    id: str
    label: str
    issuer: str
    client_id: str
    secret: str = field(repr=False)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: Text
    label: Text
    issuer: Text
    client_id: Text
    secret_env: Text | None = None
    secret_file: Text | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    provider: list[_Entry]


def read_providers(path: Path, environment: Mapping[str, str]) -> tuple[Provider, ...]:
    """Read the organisations of a file.

    Args:
        path: The file, in TOML.
        environment: Where ``secret_env`` is looked up.

    Raises:
        RejectedInput: It cannot be read, or an entry has a fault.
    """
    try:
        document = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RejectedInput(f"{path} cannot be read.", [Fault(str(path), "file", str(error))]) from error
    except ValidationError as error:
        # Without what was given: somebody may have written a secret into the wrong place.
        faults = [
            Fault(str(path), ".".join(map(str, one["loc"])), one["msg"])
            for one in error.errors(include_input=False)
        ]
        raise RejectedInput(f"{path} has faults; mend them and try again.", faults) from None
    faults, found = [], []
    for entry in document.provider:
        secret = _secret(entry, path.parent, environment)
        faults += [Fault(str(path), f"{entry.id}.{name}", reason) for name, reason in _wrong(entry, secret)]
        found.append(Provider(entry.id, entry.label, entry.issuer, entry.client_id, secret))
    for name in ("id", "issuer"):
        named = [str(getattr(one, name)) for one in found]
        faults += [
            Fault(str(path), name, "stands twice", one)
            for one in sorted({one for one in named if named.count(one) > 1})
        ]
    if faults:
        raise RejectedInput(f"{path} has faults; mend them and try again.", faults)
    return tuple(found)


def is_safe(address: str) -> bool:
    """Tell whether something may be asked at an address: over TLS, or on this machine alone."""
    parts = urlsplit(address)
    if parts.username is not None or parts.fragment or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _wrong(entry: _Entry, secret: str) -> list[tuple[str, str]]:
    found = []
    if PROVIDER_ID.fullmatch(entry.id) is None:
        found.append(("id", "lower-case letters, digits and hyphens needed"))
    if not is_safe(entry.issuer) or urlsplit(entry.issuer).query:
        found.append(("issuer", "an https address needed, as the provider writes it itself"))
    if (entry.secret_env is None) == (entry.secret_file is None):
        found.append(("secret_env", "name either a variable of the environment, or secret_file"))
    elif not secret:
        found.append(("secret_env" if entry.secret_env else "secret_file", "there is no secret there"))
    return found


def _secret(entry: _Entry, folder: Path, environment: Mapping[str, str]) -> str:
    if entry.secret_env is not None:
        return environment.get(entry.secret_env, "").strip()
    if entry.secret_file is None:
        return ""
    try:
        return (folder / entry.secret_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
