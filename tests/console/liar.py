"""A single sign-on that lies on demand: a real server, with real keys, that signs whatever a test wants."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

Change = Callable[[dict[str, Any]], None]


class Liar:
    """`claims` changes what an honest one would say; `sign` makes the token of the claims."""

    def __init__(self) -> None:
        self.issuer = ""
        self.now: Callable[[], int] = lambda: 0
        self.keys = [RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})]
        self.claims: Change = lambda claims: None
        self.sign: Callable[[dict[str, Any]], str] = lambda claims: jwt.encode(
            {"alg": "RS256", "kid": self.keys[-1].kid}, claims, self.keys[-1]
        )
        self.asked: dict[str, dict[str, str]] = {}  # by code
        self.issuer_said: str | None = None
        self.key_readings = 0
        self.silent = False

    async def about(self, request: web.Request) -> web.Response:
        if self.silent:
            return web.Response(status=502, text="away")
        at = str(request.url.origin())
        return web.json_response(
            {
                "issuer": self.issuer_said or self.issuer, "authorization_endpoint": f"{at}/auth", "token_endpoint": f"{at}/token",
                "jwks_uri": f"{at}/keys", "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        )  # fmt: skip

    async def jwks(self, request: web.Request) -> web.Response:
        self.key_readings += 1
        return web.json_response(KeySet(self.keys).as_dict(private=False))

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self.asked.pop(str(form["code"]), None)
        if asked is None or form["client_secret"] != "secret" or not form["code_verifier"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        claims = {
            "iss": self.issuer, "sub": "subject-1", "aud": "hearback", "exp": self.now() + 300, "iat": self.now(),
            "nonce": asked["nonce"], "groups": ["call-centre"], "preferred_username": "sam",
        }  # fmt: skip
        self.claims(claims)
        return web.json_response({"id_token": self.sign(claims), "token_type": "Bearer"})

    def let_in(self, asked: dict[str, str]) -> str:
        """What a person's proof is worth: a code for what the browser was sent with."""
        code = f"code-{len(self.asked)}-{asked['state'][:6]}"
        self.asked[code] = asked
        return code


def unsigned(claims: dict[str, Any]) -> str:
    """A token that nobody signed."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "none"}, claims)]
    return ".".join([*parts, ""])


@asynccontextmanager
async def lying() -> AsyncIterator[Liar]:
    liar, app = Liar(), web.Application()
    app.router.add_get("/.well-known/openid-configuration", liar.about)
    app.router.add_get("/keys", liar.jwks)
    app.router.add_post("/token", liar.token)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    liar.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield liar
    await runner.cleanup()
