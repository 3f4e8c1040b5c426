"""OpenID Connect, the relying party's side: authorization code with PKCE, state and nonce; the id_token is checked in full.

https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation, https://www.rfc-editor.org/rfc/rfc9700
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from hearback.clock import Clock
from hearback.settings import Settings

ALGORITHMS = [
    "RS256",
    "PS256",
    "ES256",
    "RS384",
    "PS384",
    "ES384",
    "RS512",
    "PS512",
    "ES512",
    "Ed25519",
    "EdDSA",
]  # signed by keys of theirs
PUBLIC = {"RSA", "EC", "OKP"}
LEEWAY = 60  # seconds between their clock and ours
SETTINGS_FOR, KEYS_FOR, KEYS_AT_MOST_EVERY = 3600.0, 600.0, 10.0  # real seconds
LARGEST = 512 * 1024  # bytes of an answer
SCOPE = "openid profile email"


class ProviderAway(Exception):
    """The provider does not answer, or with something that is no answer."""


class NotProven(Exception):
    """What came back does not prove who this is; the message says why, for us."""


class Provider:
    """The council's single sign-on. What it says of itself and its keys are kept for a while."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._issuer, self._client, self._secret = settings.oidc_issuer, settings.oidc_client, settings.oidc_secret
        self._claim, self._clock = settings.oidc_claim, clock
        self._http: aiohttp.ClientSession | None = None
        self._about: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._looking = asyncio.Lock()

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def begin(self, *, back: str, state: str, nonce: str, verifier: str) -> str:
        """The address at the provider where the person proves who they are."""
        about = await self._described()
        asked = {
            "client_id": self._client, "response_type": "code", "scope": SCOPE, "redirect_uri": back, "state": state, "nonce": nonce,
            "code_challenge": _challenge(verifier), "code_challenge_method": "S256",
        }  # fmt: skip
        return _with(str(about["authorization_endpoint"]), asked)

    async def finish(self, *, back: str, code: str, nonce: str, verifier: str, issuer: str | None) -> dict[str, Any]:
        """The claims of who came back with this code; raises NotProven and ProviderAway."""
        if issuer is not None and issuer != self._issuer:  # https://www.rfc-editor.org/rfc/rfc9207
            raise NotProven("another issuer answered")
        about = await self._described()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        headers = {}
        if not self._secret:
            form["client_id"] = self._client
        elif "client_secret_basic" in about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            pair = f"{quote(self._client, safe='')}:{quote(self._secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self._client, "client_secret": self._secret}
        status, got = await self._ask("POST", str(about["token_endpoint"]), data=form, headers=headers)
        if status >= 500:
            raise ProviderAway
        if status != 200 or not isinstance(got.get("id_token"), str):
            raise NotProven("the code was not taken")
        claims = await self._proven(got["id_token"], nonce)
        missing = self._of_claim(claims) is None or "preferred_username" not in claims
        if missing and isinstance(got.get("access_token"), str) and about.get("userinfo_endpoint"):
            claims = {**await self._more(about, got["access_token"], claims["sub"]), **claims}
        return claims

    async def out(self, *, back: str) -> str | None:
        """The address where a person signs out of the provider too; None where it offers none."""
        end = (await self._described()).get("end_session_endpoint")
        return _with(str(end), {"client_id": self._client, "post_logout_redirect_uri": back}) if end else None

    def values(self, claims: dict[str, Any]) -> set[str]:
        """What the claim of roles says: a text, a list, or texts with spaces between."""
        found = self._of_claim(claims)
        return set(found.split()) | {found} if isinstance(found, str) else {one for one in found or () if isinstance(one, str)}

    def _of_claim(self, claims: dict[str, Any]) -> Any:
        if self._claim in claims:
            return claims[self._claim]
        found: Any = claims
        for name in self._claim.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        return found

    async def _more(self, about: dict[str, Any], access_token: str, subject: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {access_token}"}
        status, got = await self._ask("GET", str(about["userinfo_endpoint"]), headers=headers)
        if status != 200 or got.get("sub") != subject:
            raise NotProven("the user's information is of somebody else")
        return got

    async def _proven(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            found = await self._verified(token)
            registry = jwt.JWTClaimsRegistry(
                now=lambda: int(self._clock.real()),
                leeway=LEEWAY,
                iss={"essential": True, "value": self._issuer},
                sub={"essential": True},
                aud={"essential": True, "value": self._client},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            )
            registry.validate(found)
        except (JoseError, ValueError) as error:
            raise NotProven(type(error).__name__) from None
        if not isinstance(found["sub"], str) or not 1 <= len(found["sub"]) <= 255:
            raise NotProven("no usable subject")
        audience = found["aud"] if isinstance(found["aud"], list) else [found["aud"]]
        if (len(audience) > 1 and "azp" not in found) or found.get("azp", self._client) != self._client:
            raise NotProven("made for another client")
        return found

    async def _verified(self, token: str) -> dict[str, Any]:
        """The claims under a signature of the provider; keys that we do not know yet are fetched once more: providers change theirs."""
        keys = await self._key_set()
        try:
            return dict(jwt.decode(token, keys, algorithms=ALGORITHMS).claims)
        except (InvalidKeyIdError, ValueError):
            newer = await self._key_set(older_than=KEYS_AT_MOST_EVERY)
            return dict(jwt.decode(token, newer, algorithms=ALGORITHMS).claims)

    async def _described(self) -> dict[str, Any]:
        async with self._looking:
            now = self._clock.real()
            if self._about is None or not 0 <= now - self._about[0] < SETTINGS_FOR:
                status, about = await self._ask("GET", f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
                wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                if status != 200 or about.get("issuer") != self._issuer or not all(isinstance(about.get(name), str) for name in wanted):
                    raise ProviderAway
                self._about = (now, about)
            return self._about[1]

    async def _key_set(self, older_than: float = KEYS_FOR) -> KeySet:
        about = await self._described()
        async with self._looking:
            now = self._clock.real()
            if self._keys is None or not 0 <= now - self._keys[0] < older_than:
                status, got = await self._ask("GET", str(about["jwks_uri"]))
                given = got.get("keys")
                usable = [key for key in given if isinstance(key, dict) and key.get("kty") in PUBLIC] if isinstance(given, list) else []
                if status != 200 or not usable:
                    raise ProviderAway
                try:
                    self._keys = (now, KeySet.import_key_set({"keys": [_public(key) for key in usable]}))
                except (JoseError, ValueError):
                    raise ProviderAway from None
            return self._keys[1]

    async def _ask(self, method: str, url: str, **more: Any) -> tuple[int, dict[str, Any]]:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        headers = {"Accept": "application/json", **more.pop("headers", {})}
        try:
            async with self._http.request(method, url, headers=headers, allow_redirects=False, **more) as answer:
                body = b""
                async for part in answer.content.iter_chunked(16 * 1024):
                    body += part
                    if len(body) > LARGEST:
                        raise ProviderAway
                got = json.loads(body)
                if not isinstance(got, dict):
                    raise ProviderAway
                return answer.status, got
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            raise ProviderAway from None


def fresh() -> str:
    """A state, a nonce or a verifier that nobody guesses."""
    return secrets.token_urlsafe(32)


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _public(key: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in key.items() if name not in {"d", "p", "q", "dp", "dq", "qi", "x5c", "key_ops"}}


def _with(address: str, values: dict[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(values)}"
