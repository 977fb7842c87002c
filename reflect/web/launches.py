"""The second leg of a launch: from a platform's form post to a session in the app, or to a clear refusal."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from reflect.domain import deployments
from reflect.domain.membership import Arrival, Welcome, arrive
from reflect.lti import Deployment, Launch, LaunchRefused, Platform, verify
from reflect.lti.login import Resumed
from reflect.lti.messages import MessageType
from reflect.storage.registrations import is_known, sender
from reflect.storage.sessions import is_used, use_state
from reflect.web import arrivals, noting, proofs, sessions
from reflect.web.cookies import delete_cookie
from reflect.web.errors import refuse
from reflect.web.forms import fields_of
from reflect.web.house import House, house_of
from reflect.web.logins import PARTITIONED, PLAIN, platform_origin
from reflect.web.pages import path_of, render
from reflect.web.protection import origins


async def create(request: Request) -> Response:
    """Take an authentication response (OpenID Connect, `form_post`): an id_token with its state, or an error."""
    house = house_of(request)
    form = await fields_of(request)
    resumed = house.handshake.resume(form.get("state"))
    async with noting.refusals_of(house, resumed.platform_id):
        return await _admit(request, house, form, resumed)


async def _admit(request: Request, house: House, form: Mapping[str, str], resumed: Resumed) -> Response:
    if "error" in form:
        return await _platform_refused(house, resumed)
    platform, approved = await house.database.look_up(lambda db: _who(db, resumed))
    launch = await _verified(house, form, resumed, platform, approved)
    if launch.message_type == MessageType.DATA_PRIVACY:
        return await _to_privacy(request, house, resumed)
    arrival = arrivals.arrival_of(launch, resumed, house.settings.default_locale)
    if not _is_proven(request, resumed):
        await _refuse_used(house, resumed)
        return _ask_for_proof(request, form, launch, arrival, resumed)
    # Should the power fail right now, the person opens the activity again: no launch is worth waiting for the disk.
    welcome = await house.database.write(lambda db: _arrive(db, house, arrival), is_durable=False)
    response = RedirectResponse(arrivals.landing(request, welcome), 303, {"Cache-Control": "no-store"})
    delete_cookie(response, PLAIN + resumed.handle, partitioned=False)
    delete_cookie(response, PARTITIONED + resumed.handle)
    sessions.remember(request, response, welcome.tab, welcome.token)
    return response


def _arrive(db: Session, house: House, arrival: Arrival) -> Welcome:
    noting.launched(house, db, arrival)
    return arrive(db, arrival, house.now())


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


def _who(db: Session, resumed: Resumed) -> tuple[Platform, Sequence[Deployment]]:
    found = sender(db, resumed.platform_id)
    if found is None:
        raise LaunchRefused("platform_unknown", "the registration of this state has been deleted")
    return found


async def _verified(
    house: House, form: Mapping[str, str], resumed: Resumed, platform: Platform, approved: Sequence[Deployment]
) -> Launch:
    database = house.database
    try:
        return await verify(
            form.get("id_token", ""),
            platform=platform,
            resumed=resumed,
            keysets=house.keysets,
            deployments=approved,
            tool_origin=house.settings.base_url,
            # Asked only when a token is not the expected platform's, so a short wait here costs nobody.
            known=lambda issuer, client: database.read_now(lambda db: is_known(db, issuer, client)),
            now=house.now(),
            plain_http=house.outbound.allows_plain_http,
        )
    except LaunchRefused as refusal:
        if knocked := refusal.deployment_id:
            await database.write(lambda db: deployments.knock(db, platform.id, knocked, house.now()))
        raise


async def _refuse_used(house: House, resumed: Resumed) -> None:
    """A launch that is sent once more comes without the cookies that its first time took back."""
    if await house.database.read(lambda db: is_used(db, resumed.id)):
        raise LaunchRefused("state_used", f"registration {resumed.platform_id}: the state was used before")


def _is_proven(request: Request, resumed: Resumed) -> bool:
    """Whether a cookie shows that this browser is the one that began the login."""
    return any(resumed.proven_by(request.cookies.get(name + resumed.handle)) for name in (PLAIN, PARTITIONED))


def _ask_for_proof(
    request: Request, form: Mapping[str, str], launch: Launch, arrival: Arrival, resumed: Resumed
) -> Response:
    """No cookie came: a page that looks for the secret in the browser's other places, or says what to do."""
    return render(
        request,
        "launches/proof.html",
        ticket=proofs.ticket(house_of(request), arrival, resumed.browser_secret),
        handle=resumed.handle,
        storage_target=form.get("lti_storage_target") or request.query_params.get("lti_storage_target", ""),
        platform_origin=platform_origin(launch.platform),
        storage_key=proofs.STORAGE_KEY + resumed.handle,
        is_deep_linking=launch.message_type == MessageType.DEEP_LINKING,
        ancestors=arrival.frame_ancestors,
        # Without cookies this page stays while others take its place, the dialog's answer among them.
        form_targets=origins([launch.deep_linking.return_url]) if launch.deep_linking else "",
    )
