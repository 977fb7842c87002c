"""What a platform says about itself before it knows us: its OpenID configuration (Dynamic Registration 1.0 3.4)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reflect.lti import reading
from reflect.lti.addresses import is_secure, origin
from reflect.lti.outbound import Outbound
from reflect.lti.service_answers import json_object
from reflect.lti.service_refusals import ServiceRefused, answered, of_status, words

PLATFORM: Final = "https://purl.imsglobal.org/spec/lti-platform-configuration"
SECONDS: Final = 10.0
# Every Canvas of the vendor calls itself by one of these names, and so does a self-hosted one by default.
_CANVAS: Final[Mapping[str, str]] = {
    "https://canvas.instructure.com": "sso.canvaslms.com",
    "https://canvas.beta.instructure.com": "sso.beta.canvaslms.com",
    "https://canvas.test.instructure.com": "sso.test.canvaslms.com",
}


class RegistrationRefused(Exception):
    """We do not register with this platform, or it does not register us.

    Codes: `configuration_unavailable`, `configuration_malformed`, `issuer_mismatch`, `endpoint_insecure`,
    `endpoint_elsewhere`, `registration_token`, `registration_unavailable`, `registration_refused`,
    `registration_malformed`. `said` are the platform's own words for the administrator, cleaned and cut.
    """

    def __init__(self, code: str, detail: str, said: str | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.said = said


@dataclass(frozen=True, slots=True)
class PlatformConfiguration:
    """A platform's addresses and what it offers; empty where it does not say."""

    issuer: str
    auth_url: str
    token_url: str
    keyset_url: str
    registration_url: str
    token_audience: str | None
    family: str | None
    version: str | None
    scopes: frozenset[str]
    messages: Mapping[str, frozenset[str]]
    """The messages it sends, each with the placements from which it sends them."""


async def fetch(outbound: Outbound, url: str, registration_token: str | None) -> PlatformConfiguration:
    """The configuration at `url`, as the platform's link to us names it; raises `RegistrationRefused`.

    Canvas wants to see the registration token here already.
    """
    headers = {"Accept": "application/json"} | bearer(registration_token)
    try:
        answer = await answered(outbound.get(url, headers, seconds=SECONDS))
        if answer.status != 200:
            refused = of_status(answer, "the configuration")
            said = words(answer.body, hidden=registration_token)
            raise RegistrationRefused("configuration_unavailable", refused.detail, said)
        return read(json_object(answer, "the platform"), url, outbound.allows_plain_http)
    except ServiceRefused as refused:
        malformed = refused.code == "answer_malformed"
        code = "configuration_malformed" if malformed else "configuration_unavailable"
        raise RegistrationRefused(code, f"{refused.code}: {refused.detail}") from refused


def bearer(registration_token: str | None) -> dict[str, str]:
    """The header that carries the platform's one-time token, if it gave one; refuses `registration_token`."""
    if registration_token is None:
        return {}
    if not registration_token or not registration_token.isascii() or not registration_token.isprintable():
        raise RegistrationRefused("registration_token", "the registration token is not plain printable ASCII")
    return {"Authorization": f"Bearer {registration_token}"}


def read(found: Mapping[str, Any], url: str, plain_http: Callable[[str], bool]) -> PlatformConfiguration:
    """A configuration that came from `url`, checked; raises `RegistrationRefused`."""
    configuration = PlatformConfiguration(
        issuer=_required(found, "issuer"),
        auth_url=_address(found, "authorization_endpoint", plain_http),
        token_url=_address(found, "token_endpoint", plain_http),
        keyset_url=_address(found, "jwks_uri", plain_http),
        registration_url=_address(found, "registration_endpoint", plain_http),
        token_audience=_audience(found, plain_http),
        family=reading.text(_platform(found).get("product_family_code")),
        version=reading.text(_platform(found).get("version")),
        scopes=frozenset(reading.strings(found.get("scopes_supported"))),
        messages=_messages(_platform(found).get("messages_supported")),
    )
    _belongs(configuration, url)
    return configuration


def _belongs(configuration: PlatformConfiguration, url: str) -> None:
    """The issuer is who answered (Dynamic Registration 1.0 3.5.1), or a Canvas that keeps its keys at home."""
    there = origin(url)
    if there is not None and origin(configuration.issuer) == there:
        return
    signing_host = _CANVAS.get(configuration.issuer)
    if signing_host is None or there is None:
        raise RegistrationRefused("issuer_mismatch", f"the configuration at {url} speaks for {configuration.issuer}")
    allowed = {there, origin(f"https://{signing_host}"), origin(configuration.issuer)}
    if not allowed.issuperset(map(origin, (configuration.auth_url, configuration.token_url, configuration.keyset_url))):
        raise RegistrationRefused("endpoint_elsewhere", "an endpoint is neither the vendor's nor the school's")


def _required(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or origin(value) is None:
        raise RegistrationRefused("configuration_malformed", f"{name} is missing or not an address")
    return value


def _address(found: Mapping[str, Any], name: str, plain_http: Callable[[str], bool]) -> str:
    value = _required(found, name)
    if not is_secure(value, plain_http):
        raise RegistrationRefused("endpoint_insecure", f"{name} is not an https address")
    return value


def _audience(found: Mapping[str, Any], plain_http: Callable[[str], bool]) -> str | None:
    """What a client assertion is to be addressed to. Canvas names a bare host there, and takes only its token URL."""
    value = reading.text(found.get("authorization_server"), reading.LONGEST_VALUE)
    return value if value is not None and is_secure(value, plain_http) else None


def _platform(found: Mapping[str, Any]) -> Mapping[str, Any]:
    said = found.get(PLATFORM)
    return said if isinstance(said, dict) else {}


def _messages(listed: object) -> dict[str, frozenset[str]]:
    entries = listed if isinstance(listed, list) else []
    return {
        entry["type"]: frozenset(reading.strings(entry.get("placements")))
        for entry in entries[: reading.MOST_ITEMS]
        if isinstance(entry, dict) and isinstance(entry.get("type"), str)
    }
