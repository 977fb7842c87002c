"""Is this installation well connected to an LMS? One list of findings for the portal, `registration test` and `doctor`.

A finding says what was looked at, whether it is well, and otherwise what to do, in the administrator's language.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sqlmodel import Session

from reflect.domain import health, registrations
from reflect.keyring import Keyring
from reflect.lti import Outbound, Platform, networks
from reflect.lti.addresses import origin
from reflect.lti.keys import KeyPair
from reflect.lti.keysets import usable_keys
from reflect.lti.outbound import Answer, OutboundFailed, OutboundRefused
from reflect.lti.registration import SCOPES
from reflect.lti.service_refusals import ServiceRefused
from reflect.lti.tokens import Tokens, may_receive
from reflect.settings import DEFAULT_SECRET, Settings
from reflect.storage.registrations import platform, signing_key
from reflect.storage.services import addresses_of
from reflect.web.language import language
from reflect.web.language import marked as _
from reflect.web.lms import moodle
from reflect.web.platform_clocks import moment_of

LARGEST_SKEW = 30
"""Seconds our clock may differ from a platform's before launches of 60 seconds' life get refused."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `is_well` is None where it cannot be said yet, `advice` what to do unless it is."""

    check: str
    is_well: bool | None
    advice: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    def told(self, tag: str) -> dict[str, object]:
        """The finding in a language: `check`, `is_well`, `advice`."""
        say = language(tag).gettext
        check, advice = (say(text) % self.facts if text else "" for text in (self.check, self.advice))
        return {"check": check, "is_well": self.is_well, "advice": "" if self.is_well else advice}


@dataclass(frozen=True, slots=True)
class Subject:
    """A registration to look at. Without a deployment no token can be asked for; the last launch `shares_names`."""

    name: str
    platform: Platform
    deployment_id: str | None
    pair: KeyPair | None
    shares_names: bool | None
    hosts: frozenset[str] = frozenset()
    """Further hosts that may get our tokens."""
    services: tuple[str, ...] = ()
    """Where launches have said that its services are."""


def subject_of(db: Session, registration_id: int, keyring: Keyring) -> Subject:
    """A registration as the connection test wants it; raises Missing, and InvalidToken under another secret."""
    found = registrations.find(db, registration_id)
    key = signing_key(db, registration_id)
    known = platform(db, registration_id)
    assert known is not None
    approved = [it.deployment_id for it in found.deployments if it.is_approved]
    return Subject(
        name=found.registration.name,
        platform=known,
        deployment_id=approved[0] if approved else None,
        pair=KeyPair(key.kid, registrations.private_pem(keyring, key), json.loads(key.public_jwk)) if key else None,
        shares_names=health.of(db, found).shares_names,
        hosts=frozenset(found.registration.service_hosts.split()),
        services=tuple(addresses_of(db, registration_id)),
    )


_TROUBLE: Mapping[str, str] = {
    "address_malformed": _("%(host)s is not the address of a site."),
    "address_scheme": _("%(host)s: only https addresses are called."),
    "address_private": _("%(host)s is on a private network. List it in REFLECT_PRIVATE_HOSTS if it is yours."),
    "unresolved": _("There is no site called %(host)s. Look for a typing error, or at this server’s name service."),
    "unreachable": _("%(host)s does not answer this server. Is it up, and does a firewall let this server through?"),
    "timeout": _("%(host)s took longer than five seconds to answer."),
    "too_large": _("%(host)s answered with far more than a keyset. Look at the address again."),
    "encoded": _("%(host)s answered in an encoding nobody asked for. Look at its proxy."),
    "keyset": _("%(host)s answered, but not with a keyset that holds RSA keys. Look at the address again."),
    "certificate": _(
        "The certificate of %(host)s is not trusted: it is out of date, for another name, or lacks its chain."
    ),
    "status": _("%(host)s answered with status %(status)s. Look at the address again."),
}


def trouble(url: str, fault: OutboundRefused | OutboundFailed) -> tuple[str, Mapping[str, object]]:
    """What went wrong with a call, as a message and its facts."""
    code = "certificate" if "CERTIFICATE_VERIFY" in fault.detail else fault.code
    status = "".join(filter(str.isdigit, fault.detail)) if code == "status" else ""
    return _TROUBLE.get(code, _TROUBLE["unreachable"]), {"host": urlsplit(url).netloc or url, "status": status}


def installation(settings: Settings) -> list[Finding]:
    """What the settings alone say."""
    own, here = settings.secret_key.get_secret_value() != DEFAULT_SECRET, settings.is_local
    near, far = _("Only this machine reaches Reflect, so no https is needed"), _("People reach Reflect by https")
    return [
        Finding(
            near if here else far,
            here or settings.base_url.startswith("https://"),
            _("Set REFLECT_BASE_URL to an https address: browsers keep no cookie of ours in a frame over http."),
        ),
        Finding(
            _("The secret is your own"),
            own,
            _("Set REFLECT_SECRET_KEY (`openssl rand -hex 32`): keys and sealed answers are protected by it."),
        ),
    ]


async def examine(settings: Settings, outbound: Outbound, tokens: Tokens, subject: Subject) -> list[Finding]:
    """Everything that can be looked at without a launch."""
    findings = [await nearness(settings, subject.platform)]
    answer, keyset = await keys_of(outbound, subject.platform.keyset_url)
    findings.append(keyset)
    if answer is not None and (clocks := _clocks(answer)):
        findings.append(clocks)
    findings.append(await _token(settings, tokens, subject))
    findings.append(_hosts(subject))
    redirect = _("Reflect is sent back to %(url)s: the LMS must have exactly this redirection URI")
    findings.append(Finding(redirect, True, facts={"url": f"{settings.base_url}/lti/launch"}))
    findings.append(_names(subject.shares_names))
    return findings


async def keys_of(outbound: Outbound, url: str) -> tuple[Answer | None, Finding]:
    """Fetch a platform's keyset as a launch would."""
    check = _("The keyset of the LMS can be fetched and has RSA keys")
    try:
        answer = await outbound.get(url, {"Accept": "application/json"})
        if answer.status != 200:
            raise OutboundFailed("status", f"status {answer.status}")
        usable_keys(answer.body)
    except (OutboundRefused, OutboundFailed) as fault:
        advice, facts = trouble(url, fault)
        return None, Finding(check, False, advice, facts)
    return answer, Finding(check, True)


async def reach(outbound: Outbound, url: str) -> tuple[int | None, Finding]:
    """Whether a site answers at all under an address, and with which status."""
    check = _("%(host)s answers")
    try:
        answer = await outbound.get(url)
    except (OutboundRefused, OutboundFailed) as fault:
        advice, facts = trouble(url, fault)
        return None, Finding(check, False, advice, facts)
    return answer.status, Finding(check, True, facts={"host": urlsplit(url).netloc})


async def nearness(settings: Settings, platform: Platform) -> Finding:
    """Browsers ask before a public page may open one on a private network (Local Network Access)."""
    check = _("Browsers may open Reflect inside the LMS")
    here, there = await _is_public(settings.base_url), await _is_public(platform.auth_url)
    if here is False and there:
        advice = _(
            "Reflect is on a private network and the LMS on the public internet. Chrome asks each person for leave "
            "(Local Network Access), and older Moodles cannot pass it on: give Reflect a public address."
        )
        return Finding(check, False, advice)
    return Finding(check, True)


async def _is_public(url: str) -> bool | None:
    there = origin(url)
    if there is None:
        return None
    try:
        found = await networks.addresses(there.host, there.port)
    except (OSError, UnicodeError):
        return None
    return any(map(networks.is_public, found))


def _clocks(answer: Answer) -> Finding | None:
    """Compare our clock with the platform's by the answer's Date (RFC 9110 6.6.1)."""
    moment = moment_of(answer)
    if moment is None:
        return None
    skew = round(time.time() - moment.timestamp())
    advice = _("Our clock differs by %(skew)s seconds: let both servers keep time by NTP.")
    return Finding(_("The clocks agree"), abs(skew) <= LARGEST_SKEW, advice, {"skew": skew})


async def _token(settings: Settings, tokens: Tokens, subject: Subject) -> Finding:
    """Ask for an access token, as rosters and marks would."""
    check = _("The LMS lets Reflect ask for rosters and send marks")
    if subject.pair is None or subject.deployment_id is None:
        return Finding(check, None, _("This shows once a deployment is known."))
    try:
        tokens.forget(await tokens.get(subject.platform, subject.deployment_id, subject.pair, SCOPES))
    except ServiceRefused as refused:
        facts = {"url": f"{settings.base_url}/lti/keys", "host": urlsplit(subject.platform.token_url).netloc}
        if refused.code == "scope_missing":
            return Finding(check, None, _("These services are switched off in the LMS. Check-ins work without them."))
        if refused.code == "token_refused" or moodle.could_not_look(refused, subject.platform):
            advice = _(
                "The LMS did not accept Reflect’s signature. It must be able to fetch %(url)s, and the client id "
                "must be right. Launches work without this."
            )
            return Finding(check, False, advice, facts)
        advice = _("%(host)s gives no access tokens under this address. Look at the access token URL.")
        return Finding(check, False, _TROUBLE.get(refused.code, advice), facts | {"status": ""})
    return Finding(check, True)


def _hosts(subject: Subject) -> Finding:
    """Whether the services that launches named may be called: tokens go only to hosts that belong to the platform."""
    check = _("The LMS keeps rosters and gradebooks on hosts that are listed here")
    if not subject.services:
        return Finding(check, None, _("This shows at the first launch."))
    unbound = (url for url in subject.services if not may_receive(subject.platform, url, subject.hosts))
    strange = {urlsplit(url).netloc for url in unbound}
    advice = _(
        "Host %(hosts)s is not listed: a launch named services there, and Reflect sends no tokens to it. If it belongs "
        "to this LMS, list it in the portal (Edit, “Further hosts of its services”) or by `reflect registration hosts`."
    )
    return Finding(check, not strange, advice, {"hosts": ", ".join(sorted(strange))})


def _names(shares_names: bool | None) -> Finding:
    check = _("The LMS shares people’s names")
    if shares_names is None:
        return Finding(check, None, _("This shows at the first launch."))
    advice = _(
        "The last launch came without a name. Reflect works so, but named check-ins then say “Student 1a2b”. In "
        "Moodle, set “Share launcher’s name with tool” to “Always”."
    )
    return Finding(check, shares_names, advice)
