"""The second leg of a launch: from a platform's form post to a session in the app, or to a clear refusal."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from reflect import meters
from reflect.domain import deployments
from reflect.domain.membership import Arrival, Outdated, Welcome, arrive
from reflect.domain.refusals import Refused
from reflect.lti import Launch, LaunchRefused, verify
from reflect.lti.login import Resumed
from reflect.lti.messages import MessageType
from reflect.storage.registrations import Sender, is_known, sender
from reflect.storage.sessions import is_used, use_state
from reflect.web import arrivals, noting, proofs, sessions
from reflect.web.cookies import delete_cookie
from reflect.web.errors import refuse
from reflect.web.forms import fields_of
from reflect.web.house import House, house_of
from reflect.web.logins import PARTITIONED, PLAIN, platform_origin
from reflect.web.pages import lead_to, path_of, render
from reflect.web.protection import OPENED, origins


@dataclass(frozen=True, slots=True)
class _Answer:
    """An authentication response, and the login that it answers."""

    request: Request
    form: Mapping[str, str]
    resumed: Resumed
    is_proven: bool
    """Whether a cookie shows that this browser is the one that began the login."""


async def create(request: Request) -> Response:
    """Take an authentication response (OpenID Connect, `form_post`): an id_token with its state, or an error."""
    house = house_of(request)
    form = await fields_of(request)
    resumed = house.handshake.resume(form.get("state"))
    secrets = [request.cookies.get(name + resumed.handle) for name in (PLAIN, PARTITIONED)]
    answer = _Answer(request, form, resumed, any(map(resumed.proven_by, secrets)))
    try:
        return await (_platform_refused(house, resumed) if "error" in form else _take(house, answer))
    except (LaunchRefused, Refused) as refusal:
        await noting.refused(house, resumed.platform_id, refusal)
        if isinstance(refusal, LaunchRefused) and (knocked := refusal.deployment_id):
            await house.database.write(lambda db: deployments.knock(db, resumed.platform_id, knocked, house.now()))
        raise


async def _take(house: House, answer: _Answer) -> Response:
    # Reading who the sender is costs a tenth of a launch. One that is remembered is held against the database in the
    # transaction that begins the session; where none is begun, it must be read.
    remembered = house.senders.get(answer.resumed.platform_id) if answer.is_proven else None
    if remembered is None:
        return await _admit(house, answer, await _sender(house, answer.resumed))
    try:
        return await _admit(house, answer, remembered, is_remembered=True)
    except (LaunchRefused, Outdated) as refusal:
        # Nobody is refused for what is only remembered.
        sender = await _sender(house, answer.resumed)
        if sender == remembered and isinstance(refusal, LaunchRefused):
            raise
        return await _admit(house, answer, sender)


async def _sender(house: House, resumed: Resumed) -> Sender:
    """Who sends this launch, as of now."""
    found = await house.database.look_up(lambda db: sender(db, resumed.platform_id))
    if found is None:
        house.senders.pop(resumed.platform_id, None)
        raise LaunchRefused("platform_unknown", "the registration of this state has been deleted")
    house.senders[resumed.platform_id] = found
    return found


async def _admit(house: House, answer: _Answer, sender: Sender, *, is_remembered: bool = False) -> Response:
    request, resumed = answer.request, answer.resumed
    launch = await _verified(house, answer, sender)
    house.launches.take(resumed.platform_id)
    if launch.message_type == MessageType.DATA_PRIVACY:
        return await _to_privacy(request, house, resumed)
    arrival = arrivals.arrival_of(launch, resumed, house.settings.default_locale, is_remembered=is_remembered)
    if not answer.is_proven:
        await _refuse_used(house, resumed)
        return _ask_for_proof(answer, launch, arrival)
    # Should the power fail right now, the person opens the activity again: no launch is worth waiting for the disk.
    welcome = await house.database.write(lambda db: _arrive(db, house, arrival), is_durable=False)
    meters.ADMITTED.inc()
    response = lead_to(request, arrivals.landing(request, welcome))
    delete_cookie(response, PLAIN + resumed.handle, partitioned=False)
    delete_cookie(response, PARTITIONED + resumed.handle)
    sessions.remember(request, response, welcome.tab, welcome.token)
    return response


def _arrive(db: Session, house: House, arrival: Arrival) -> Welcome:
    welcome = arrive(db, arrival, house.now(), house.institution)
    noting.launched(house, db, arrival)  # after what may still be in vain: it is noted once in a second only
    return welcome


async def _to_privacy(request: Request, house: House, resumed: Resumed) -> Response:
    """A data privacy launch: anybody may read the page it leads to, so no session is begun and no proof is needed."""
    if not await house.database.write(lambda db: use_state(db, resumed.id, resumed.expires_at)):
        raise LaunchRefused("state_used", f"registration {resumed.platform_id}: the state was used before")
    return RedirectResponse(path_of(request.app, "privacy"), 303, {"Cache-Control": "no-store"})


async def explain(request: Request) -> Response:
    """A visit to the launch address: it is only for platforms."""
    return refuse(request, "method", headers={"Allow": "POST"})


async def _platform_refused(house: House, resumed: Resumed) -> Response:
    """The platform answered with an OIDC error: the state is spent, and its words stay out of our page."""
    await house.database.write(lambda db: use_state(db, resumed.id, resumed.expires_at))
    raise LaunchRefused("platform_refused", f"registration {resumed.platform_id} answered with an error")


async def _verified(house: House, answer: _Answer, sender: Sender) -> Launch:
    database = house.database
    return await verify(
        answer.form.get("id_token", ""),
        platform=sender.platform,
        resumed=answer.resumed,
        keysets=house.keysets,
        deployments=sender.deployments,
        tool_origin=house.settings.base_url,
        # Asked only when a token is not the expected platform's, so a short wait here costs nobody.
        known=lambda issuer, client: database.read_now(lambda db: is_known(db, issuer, client)),
        now=house.now(),
        plain_http=house.outbound.allows_plain_http,
    )


async def _refuse_used(house: House, resumed: Resumed) -> None:
    """A launch that is sent once more comes without the cookies that its first time took back."""
    if await house.database.read(lambda db: is_used(db, resumed.id)):
        raise LaunchRefused("state_used", f"registration {resumed.platform_id}: the state was used before")


def _ask_for_proof(answer: _Answer, launch: Launch, arrival: Arrival) -> Response:
    """No cookie came: a page that looks for the secret in the browser's other places, or says what to do."""
    request, resumed = answer.request, answer.resumed
    return render(
        request,
        "launches/proof.html",
        headers=OPENED,
        ticket=proofs.ticket(house_of(request), arrival, resumed.browser_secret),
        handle=resumed.handle,
        storage_target=answer.form.get("lti_storage_target") or request.query_params.get("lti_storage_target", ""),
        platform_origin=platform_origin(launch.platform),
        storage_key=proofs.STORAGE_KEY + resumed.handle,
        is_deep_linking=launch.message_type == MessageType.DEEP_LINKING,
        ancestors=arrival.frame_ancestors,
        # Without cookies this page stays while others take its place, the dialog's answer among them.
        form_targets=origins([launch.deep_linking.return_url]) if launch.deep_linking else "",
    )
