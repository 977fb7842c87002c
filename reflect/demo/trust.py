"""What a tool signed, believed as a strict platform does: by PyJWT and the tool's own keyset, over HTTP."""

import ssl
from functools import cache

import httpx2
import jwt

from reflect.demo.tokens import Claims
from reflect.demo.tools import Tool


class Untrusted(ValueError):
    """A token of the tool is not one to believe."""

    code = "untrusted"


class Trust:
    """Reads tokens of tools; each works once, told by its `jti` or `nonce`."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    async def read(self, tool: Tool, token: str, audience: str, once: str) -> Claims:
        """Return the claims of a token of the tool's for this audience; `once` is the claim that must be new.

        Raises Untrusted. No second of leeway is given, as Moodle gives none.
        """
        try:
            header = jwt.get_unverified_header(token)
            key = (await _keyset(tool))[header["kid"]]
            required = ["iss", "aud", "iat", "exp", once]
            claims: Claims = jwt.decode(
                token, key, ["RS256"], audience=audience, issuer=tool.client_id, options={"require": required}
            )
        except (jwt.PyJWTError, httpx2.HTTPError, KeyError, ValueError) as fault:
            raise Untrusted(f"{type(fault).__name__}: {fault}") from fault
        if claims["exp"] - claims["iat"] > 600:
            raise Untrusted("The token is good for more than ten minutes.")
        if not claims[once] or claims[once] in self._seen:
            raise Untrusted(f"The {once} has been used.")
        self._seen.add(claims[once])
        return claims


@cache
def _certificates() -> ssl.SSLContext:
    # Read once: it takes tens of milliseconds.
    return httpx2.create_ssl_context(trust_env=False)


async def _keyset(tool: Tool) -> jwt.PyJWKSet:
    async with httpx2.AsyncClient(trust_env=False, timeout=5, verify=_certificates()) as client:
        answer = await client.get(tool.keyset_url)
    answer.raise_for_status()
    return jwt.PyJWKSet.from_dict(answer.json())
