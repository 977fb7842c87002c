"""An LMS registers itself by an invitation (LTI Dynamic Registration 1.0): who asks, a confirmation, and what is next.

The LMS opens our address in a frame or window of its administration, with the address of its OpenID configuration and
often a token of its own. Nothing is kept until it has answered; the invitation is spent only on success. An LMS that
gives a client id which we have already (Moodle's "Update") has registered again: that overwrites nothing here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import audit, deployments, invitations, registrations
from reflect.domain.refusals import Refused
from reflect.domain.registrations import LMS, Application
from reflect.lti import registration
from reflect.lti.addresses import origin
from reflect.lti.platform_configuration import PlatformConfiguration, RegistrationRefused, fetch
from reflect.lti.registration import Registered, ToolDescription
from reflect.storage.registering import RegistrationInvitation
from reflect.storage.registrations import Registration
from reflect.storage.tables import key_of
from reflect.web.admin.keys import new_pair
from reflect.web.admin.visits import say
from reflect.web.admin.wordings import lms_name
from reflect.web.entries import counted
from reflect.web.errors import refuse
from reflect.web.forms import fields_of
from reflect.web.house import house_of
from reflect.web.language import marked as _
from reflect.web.lms import FORMS
from reflect.web.pages import render
from reflect.web.protection import origins

# What some call themselves, where that is not the name by which people know them.
_CALLED: Final[Mapping[str, str]] = {
    "desire2learn": "brightspace",
    "d2l": "brightspace",
    "blackboardlearn": "blackboard",
    "sakailms.org": "sakai",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the LMS's link says."""

    invitation: str
    invitation_id: str
    configuration_url: str
    token: str | None


async def new(request: Request) -> Response:
    """Who asks and what it will get; one button goes on."""
    house = house_of(request)
    async with counted(request):
        asked = _asked(request, request.query_params)
        invitation = await house.database.read(lambda db: invitations.find(db, asked.invitation_id, house.now()))
    try:
        configuration = await fetch(house.outbound, asked.configuration_url, asked.token)
    except RegistrationRefused as refusal:
        return _refused(request, refusal)
    return render(
        request,
        "dynamic_registrations/new.html",
        ancestors=_ancestors(asked, configuration),
        asked=asked,
        host=urlsplit(configuration.issuer).netloc,
        issuer=configuration.issuer,
        lms=lms_name(request, _kind(configuration, invitation)),
        version=configuration.version or "",
        service_hosts=_service_hosts(configuration, invitation),
    )


async def create(request: Request) -> Response:
    """Register with the LMS and keep what it answers; a refusal gives the invitation back."""
    house, fields = house_of(request), await fields_of(request)
    async with counted(request):
        asked = _asked(request, fields)
        invitation = await house.database.write(lambda db: invitations.claim(db, asked.invitation_id, house.now()))
    try:
        configuration = await fetch(house.outbound, asked.configuration_url, asked.token)
        answer = await registration.register(house.outbound, configuration, _tool(request), asked.token)
        application = _application(configuration, answer, invitation)
        kept = await _keep(request, asked, application, invitation.made_by)
    except RegistrationRefused as refusal:
        await house.database.write(lambda db: invitations.give_back(db, asked.invitation_id))
        return _refused(request, refusal)
    except Refused:
        await house.database.write(lambda db: invitations.give_back(db, asked.invitation_id))
        raise
    return render(
        request,
        "dynamic_registrations/again.html" if kept.was_known else "dynamic_registrations/show.html",
        ancestors=_ancestors(asked, configuration),
        lms=lms_name(request, application.lms),
        kind=application.lms,
        name=kept.name,
        deployment_id=application.deployment_id,
        is_enabled=kept.is_enabled,
        service_hosts=application.service_hosts,
        differences=[
            (say(request, FORMS[application.lms].reads.get(name, _("Token audience"))), ours, theirs)
            for name, (ours, theirs) in kept.differences.items()
        ],
    )


def _asked(request: Request, given: Mapping[str, str]) -> _Asked:
    text = given.get("invitation", "")
    configuration_url = given.get("openid_configuration", "")
    invitation_id = invitations.read(house_of(request).keyring, "registration", text)
    if not configuration_url:
        raise Refused("registration_by_hand")
    return _Asked(text, invitation_id, configuration_url, given.get("registration_token") or None)


def _ancestors(asked: _Asked, configuration: PlatformConfiguration) -> str:
    """Who may frame the answer: the site that the configuration is at, and the one that registers us.

    They are two in a Canvas of the vendor's: it frames us at the school's host and is described at its own.
    """
    there = origin(configuration.registration_url)
    is_https = there is not None and there.scheme == "https"
    return origins([asked.configuration_url, configuration.registration_url if is_https else None])


def _refused(request: Request, refusal: RegistrationRefused) -> Response:
    """Why it came to nothing, with the LMS's own words where it gave some."""
    return refuse(request, refusal.code, refusal.detail, said=refusal.said or "")


def _tool(request: Request) -> ToolDescription:
    base = house_of(request).settings.base_url
    urls = request.app.url_path_for
    return ToolDescription(
        name="Reflect",
        description=say(request, _("Wellbeing check-ins")),
        launch_label=say(request, _("Reflect: the check-ins of this course")),
        selection_label=say(request, _("Add a check-in")),
        login_url=f"{base}{urls('login')}",
        launch_url=f"{base}{urls('launch')}",
        target_link_uri=f"{base}{urls('app')}",
        selection_uri=f"{base}{urls('app')}",
        keyset_url=f"{base}{urls('keys')}",
        logo_url=f"{base}/static/images/mark.svg",
    )


def _application(
    configuration: PlatformConfiguration, answer: Registered, invitation: RegistrationInvitation
) -> Application:
    return Application(
        name=invitation.name or urlsplit(configuration.issuer).netloc,
        lms=_kind(configuration, invitation),
        issuer=configuration.issuer,
        client_id=answer.client_id,
        auth_url=configuration.auth_url,
        token_url=configuration.token_url,
        keyset_url=configuration.keyset_url,
        deployment_id=answer.deployment_id or "",
        token_audience=configuration.token_audience,
        service_hosts=_service_hosts(configuration, invitation),
    )


def _service_hosts(configuration: PlatformConfiguration, invitation: RegistrationInvitation) -> str:
    """Where Canvas keeps rosters and gradebooks, if its other addresses do not name it: the school's own host.

    A platform gains nothing by naming another: it may choose its other addresses as freely, and they get tokens, too.
    """
    url = configuration.registration_url
    own = (configuration.issuer, configuration.auth_url, configuration.token_url, configuration.keyset_url)
    if _kind(configuration, invitation) != "canvas" or origin(url) in map(origin, own):
        return ""
    host = urlsplit(url).netloc.lower()
    return host if registrations.are_hosts((host,)) else ""


def _kind(configuration: PlatformConfiguration, invitation: RegistrationInvitation) -> str:
    """The LMS as it names itself, where we know the name."""
    family = (configuration.family or "").lower()
    named = _CALLED.get(family, family)
    return named if named in LMS else invitation.lms


@dataclass(frozen=True, slots=True)
class _Kept:
    """What came of it: a new registration, or one `was_known`, with the addresses that now differ from ours."""

    name: str
    was_known: bool = False
    is_enabled: bool = True
    differences: Mapping[str, tuple[str, str]] = field(default_factory=dict)


async def _keep(request: Request, asked: _Asked, application: Application, made_by: str) -> _Kept:
    house = house_of(request)
    key, now = await new_pair(house), house.now()

    def work(db: Session) -> _Kept:
        known = registrations.find_same(db, application.issuer, application.client_id)
        if known is None:
            registration_id = registrations.add(db, application, key, now)
            invitations.spend(db, asked.invitation_id, registration_id, now)
            audit.note(db, made_by, "registration_registered_itself", f"{application.name}, {application.issuer}", now)
            if hosts := application.service_hosts:
                audit.note(db, made_by, "service_hosts_changed", f"{application.name}: {hosts}", now)
            return _Kept(application.name)
        return _renew(db, asked, known, application, made_by, now)

    return await house.database.write(work)


def _renew(
    db: Session, asked: _Asked, known: Registration, application: Application, made_by: str, now: datetime
) -> _Kept:
    """Let in the deployment that the LMS named, and leave all else: addresses are an administrator's to change."""
    registration_id, differences = key_of(known), registrations.differences(known, application)
    if application.deployment_id:
        deployments.add(db, registration_id, application.deployment_id, now)
    invitations.spend(db, asked.invitation_id, registration_id, now)
    left = "".join(f"; not taken over: {name} {theirs}" for name, (_, theirs) in differences.items())
    audit.note(db, made_by, "registration_registered_again", f"{known.name}, {known.issuer}{left}", now)
    return _Kept(known.name, True, known.is_enabled, differences)
