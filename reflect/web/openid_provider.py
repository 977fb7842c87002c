"""An OpenID provider, as a client of it (OpenID Connect Core 3.1: authorization code, with PKCE, RFC 7636).

Authlib makes the request and judges the claims; every call goes out by `Outbound`, under the rules for all calls.
Authlib is imported where it is used: a server need not load it before somebody signs in.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote, urlencode

from reflect.lti import Outbound
from reflect.lti.outbound import Answer, OutboundFailed, OutboundRefused
from reflect.settings import Settings
from reflect.web.openid_documents import Documents

if TYPE_CHECKING:
    from joserfc.jwt import Token

ALGORITHMS: Final = ["RS256", "PS256", "ES256"]
LEEWAY: Final = 60
LONGEST_SUB: Final = 255
BY_EMAIL: Final = "openid email"
ONLY_WHO: Final = "openid"


class OpenIdRefused(Exception):
    """Nobody is signed in; codes `oidc_unavailable` (no answer) and `oidc` (an answer not to be believed)."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one attempt to sign in began with; it stays with the browser, sealed."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Self:
        """A fresh one."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


class OpenIdProvider:
    """The provider that the settings name."""

    def __init__(self, settings: Settings, outbound: Outbound, documents: Documents, redirect_uri: str) -> None:
        self._issuer = settings.oidc_issuer
        self._client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret.get_secret_value()
        self._outbound = outbound
        self._documents = documents
        self._redirect_uri = redirect_uri

    async def authentication_request(self, attempt: Attempt, scope: str, *, is_anew: bool = False) -> str:
        """Where the browser is to go; raises OpenIdRefused.

        With `is_anew` the provider is to ask again who sits there (`max_age`, which those who do not know it leave
        out): at a computer that many use, somebody else may be signed in still.
        """
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        configuration = await self._configuration()
        anew = {"max_age": "0"} if is_anew else {}
        return str(
            prepare_grant_uri(
                _address(configuration, "authorization_endpoint"),
                client_id=self._client_id,
                response_type="code",
                redirect_uri=self._redirect_uri,
                scope=scope,
                state=attempt.state,
                nonce=attempt.nonce,
                code_challenge=create_s256_code_challenge(attempt.verifier),
                code_challenge_method="S256",
                **anew,
            )
        )

    async def verified_email(self, code: str, attempt: Attempt, now: datetime) -> str:
        """The e-mail address that the provider has verified of whoever signed in there; raises OpenIdRefused."""
        configuration = await self._configuration()
        tokens = await self._tokens(configuration, code, attempt)
        claims = await self._claims(configuration, tokens, attempt, now)
        if "email" not in claims and "userinfo_endpoint" in configuration:
            claims = claims | await self._user_info(configuration, tokens, str(claims["sub"]))
        email = claims.get("email")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            raise OpenIdRefused("oidc", "the provider names no verified e-mail address")
        return email

    async def check(self) -> None:
        """See whether the provider answers as the settings say; raises OpenIdRefused."""
        await self._configuration()

    async def subject(self, code: str, attempt: Attempt, now: datetime) -> str:
        """The provider's id (`sub`) of whoever signed in there, and nothing else of them; raises OpenIdRefused."""
        configuration = await self._configuration()
        tokens = await self._tokens(configuration, code, attempt)
        claims = await self._claims(configuration, tokens, attempt, now)
        sub = claims["sub"]
        if not isinstance(sub, str) or not 0 < len(sub) <= LONGEST_SUB:
            raise OpenIdRefused("oidc", "the provider names nobody")
        return sub

    async def _configuration(self) -> Mapping[str, Any]:
        """OpenID Connect Discovery 4: the provider's addresses, from the provider itself."""
        found = await self._documents.get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self._issuer:
            self._documents.doubt()
            raise OpenIdRefused("oidc", "the provider calls itself by another name than REFLECT_OIDC_ISSUER")
        return found

    async def _tokens(self, configuration: Mapping[str, Any], code: str, attempt: Attempt) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": attempt.verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        methods = configuration.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" in methods:
            pair = f"{quote(self._client_id, safe='')}:{quote(self._secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self._client_id, "client_secret": self._secret}
        url = _address(configuration, "token_endpoint")
        return _object(await self._call(url, headers, urlencode(form).encode()))

    async def _claims(
        self, configuration: Mapping[str, Any], tokens: Mapping[str, Any], attempt: Attempt, now: datetime
    ) -> dict[str, Any]:
        """The ID token's claims, verified (OpenID Connect Core 3.1.3.7)."""
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        try:
            token = await self._decoded(configuration, str(tokens.get("id_token")))
            options = {"iss": {"value": self._issuer}, "aud": {"value": self._client_id}}
            params = {"nonce": attempt.nonce, "client_id": self._client_id, "access_token": tokens.get("access_token")}
            CodeIDToken(token.claims, token.header, options, params).validate(int(now.timestamp()), LEEWAY)
        except (JoseError, ValueError) as fault:
            raise OpenIdRefused("oidc", f"the ID token: {type(fault).__name__}") from fault
        if token.claims["aud"] not in (self._client_id, [self._client_id]):
            raise OpenIdRefused("oidc", "the ID token is for somebody else, too")
        return dict(token.claims)

    async def _decoded(self, configuration: Mapping[str, Any], token: str) -> "Token":
        """The token, by keys that may be newer than those that are kept."""
        from joserfc.errors import JoseError

        address = _address(configuration, "jwks_uri")
        try:
            return _decode(token, await self._documents.get(address))
        except (JoseError, ValueError):
            if not self._documents.doubt():
                raise
        return _decode(token, await self._documents.get(address))

    async def _user_info(self, configuration: Mapping[str, Any], tokens: Mapping[str, Any], sub: str) -> dict[str, Any]:
        """What the provider says of the person where the ID token does not (OpenID Connect Core 5.3)."""
        headers = {"Authorization": f"Bearer {tokens.get('access_token')}", "Accept": "application/json"}
        found = _object(await self._call(_address(configuration, "userinfo_endpoint"), headers))
        if found.get("sub") != sub:
            raise OpenIdRefused("oidc", "the provider's answer is about somebody else")
        return dict(found)

    async def _call(self, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Answer:
        try:
            return await _answered(self._outbound, url, headers, body)
        except OpenIdRefused:
            self._documents.doubt()  # perhaps it has moved
            raise


def documents_of(outbound: Outbound) -> Documents:
    """What providers publish, by this client; asking for it raises OpenIdRefused."""

    async def fetch(url: str) -> Mapping[str, Any]:
        return _object(await _answered(outbound, url))

    return Documents(fetch)


async def _answered(
    outbound: Outbound, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Answer:
    try:
        answer = await (outbound.get(url, headers) if body is None else outbound.post(url, body, headers))
    except (OutboundRefused, OutboundFailed) as fault:
        raise OpenIdRefused("oidc_unavailable", str(fault)) from fault
    if answer.status >= 500:
        raise OpenIdRefused("oidc_unavailable", f"status {answer.status}")
    if answer.status != 200:
        raise OpenIdRefused("oidc", f"status {answer.status}")
    return answer


def _decode(token: str, keyset: Mapping[str, Any]) -> "Token":
    from joserfc import jwt
    from joserfc.jwk import KeySet

    return jwt.decode(token, KeySet.import_key_set(keyset), ALGORITHMS)  # type: ignore[arg-type]


def _object(answer: Answer) -> dict[str, Any]:
    try:
        found = json.loads(answer.body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise OpenIdRefused("oidc", "the provider's answer is no JSON object")
    return found


def _address(configuration: Mapping[str, Any], name: str) -> str:
    value = configuration.get(name)
    if not isinstance(value, str):
        raise OpenIdRefused("oidc", f"the provider has no {name}")
    return value
