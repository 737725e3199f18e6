# SPDX-License-Identifier: Apache-2.0
"""EXERCISE: which signatures of an organisation's word are taken."""

from __future__ import annotations

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey
from tests.organisations.running import provider_at
from tests.procedure.made import START

from truceline.access.identity import ALGORITHMS, Identity, require_identity
from truceline.errors import RuleViolation

ISSUER = "https://id.example"
KEYS: dict[str, RSAKey | ECKey | OKPKey] = {
    "RS": RSAKey.generate_key(2048, {"kid": "RS"}),
    "PS": RSAKey.generate_key(2048, {"kid": "PS"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ES256"}),
    "ES384": ECKey.generate_key("P-384", {"kid": "ES384"}),
    "ES512": ECKey.generate_key("P-521", {"kid": "ES512"}),
    "Ed": OKPKey.generate_key("Ed25519", {"kid": "Ed"}),
}


def word(algorithm: str, key: RSAKey | ECKey | OKPKey | OctKey) -> str:
    now = int(START.timestamp())
    claims = {"iss": ISSUER, "sub": "x", "aud": "truceline", "nonce": "n", "iat": now, "exp": now + 60}
    return jwt.encode({"alg": algorithm, "kid": str(key.kid)}, claims, key, algorithms=[algorithm])


@pytest.mark.filterwarnings("ignore:EdDSA")  # the older name of Ed25519, which providers still use
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signature_by_a_published_key_is_taken(algorithm: str) -> None:
    key = KEYS.get(algorithm) or KEYS[algorithm[:2]]
    keys = KeySet(list(KEYS.values()))
    found = require_identity(word(algorithm, key), keys, provider_at(ISSUER), "n", START)
    assert found == Identity(ISSUER, "x")


@pytest.mark.parametrize("algorithm", ["HS256", "HS512"])
def test_a_shared_secret_is_not_even_where_it_is_published(algorithm: str) -> None:
    key = OctKey.generate_key(512, {"kid": "shared"})
    with pytest.raises(RuleViolation, match="signature"):
        require_identity(word(algorithm, key), KeySet([key]), provider_at(ISSUER), "n", START)


def test_a_key_for_another_use_or_algorithm_is_not_taken() -> None:
    for parameters in ({"use": "enc"}, {"alg": "RS512"}):
        key = RSAKey.generate_key(2048, {"kid": "one", **parameters})  # type: ignore[arg-type]
        published = KeySet.import_key_set({"keys": [key.as_dict(private=False)]})
        plain = RSAKey.import_key({**key.as_dict(private=True), "use": "sig", "alg": "RS256"})
        with pytest.raises(RuleViolation, match="signature"):
            require_identity(word("RS256", plain), published, provider_at(ISSUER), "n", START)
