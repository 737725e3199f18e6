# SPDX-License-Identifier: Apache-2.0
"""A time-stamping authority of our own, by ``openssl ts``, for tests alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

CONFIGURATION = """
[tsa]
default_tsa = local
[local]
serial = ./serial
crypto_device = builtin
signer_cert = ./tsa.pem
certs = ./chain.pem
signer_key = ./tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""
USAGE = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"


class LocalAuthority:
    """A root, an authority's certificate below it, and the tool that stamps with that."""

    def __init__(self, folder: Path, root: str = "Root", usage: str = "critical,timeStamping") -> None:
        folder.mkdir()
        self.folder = folder
        (folder / "tsa.cnf").write_text(CONFIGURATION)
        (folder / "serial").write_text("01\n")
        (folder / "usage").write_text(f"{USAGE}extendedKeyUsage={usage}\n")
        fresh = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        self.openssl("req", "-x509", *fresh, "-keyout", "root.key", "-out", "root.pem", "-days", "30",
                     "-subj", f"/CN={root}")  # fmt: skip
        self.openssl("req", *fresh, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Local authority")
        self.openssl("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key",
                     "-CAcreateserial", "-days", "30", "-extfile", "usage", "-out", "tsa.pem")  # fmt: skip
        (folder / "chain.pem").write_bytes((folder / "root.pem").read_bytes())
        (folder / "both.pem").write_bytes(
            (folder / "root.pem").read_bytes() + (folder / "tsa.pem").read_bytes()
        )

    def openssl(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, check=True)

    def reply(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        self.openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply")
        return (self.folder / "reply").read_bytes()

    def verify(self, token: Path, data: Path) -> subprocess.CompletedProcess[bytes]:
        """Check a stamp as a party would, with ``openssl`` alone."""
        return subprocess.run(
            ["openssl", "ts", "-verify", "-in", str(token.resolve()), "-data", str(data.resolve()),
             "-CAfile", "root.pem", "-untrusted", "tsa.pem"],
            cwd=self.folder, capture_output=True, check=False,
        )  # fmt: skip

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    @property
    def both(self) -> Path:
        return self.folder / "both.pem"
