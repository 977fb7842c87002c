"""What refusals of the API say, and how: in the shape in which Microsoft Graph tells its own."""

from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reflect.web.language import marked as _
from reflect.web.wording import Wording

ADDRESS = "/api/"
"""What every address of the API begins with."""
_HEADING = _("The API refused this call")
_DESCRIBED = _("`/api/v1/openapi.json` describes what can be asked.")
_KEYS = _("An administrator makes keys in the portal, under API keys.")


def _query(sentence: str) -> Wording:
    return Wording(400, _HEADING, sentence, (_DESCRIBED,))


API_WORDINGS: Mapping[str, Wording] = {
    "api_key_missing": Wording(
        401, _HEADING, _("Send the key as `Authorization: Bearer …`; nothing else lets anybody in."), (_KEYS,)
    ),
    "api_key_unknown": Wording(401, _HEADING, _("There is no such key, or it was revoked."), (_KEYS,)),
    "api_too_many": Wording(
        429, _HEADING, _("This key has called too often. Wait for as long as Retry-After says."), (_DESCRIBED,)
    ),
    "api_missing": Wording(404, _HEADING, _("There is nothing at this address of the API."), (_DESCRIBED,)),
    "api_method": Wording(405, _HEADING, _("The API only reads: use GET."), (_DESCRIBED,)),
    "api_option_unknown": _query(_("The query option “%(option)s” is not known here, so the call was not answered.")),
    "api_option_twice": _query(_("The query option “%(option)s” was given more than once.")),
    "api_top": _query(_("$top must be a number from 1 to %(most)s.")),
    "api_count": _query(_("$count must be true or false.")),
    "api_select": _query(_("$select must name properties of the answers, with commas between; “%(option)s” is none.")),
    "api_filter": _query(
        _(
            "$filter takes comparisons of submitDateTime by ge, gt, le or lt, joined by and, such as: submitDateTime "
            "ge 2026-09-01T00:00:00Z and submitDateTime lt 2026-09-08T00:00:00Z"
        )
    ),
    "api_skiptoken": _query(
        _("$skiptoken must come from an @odata.nextLink of this key, with the same $filter. Begin again without it.")
    ),
}


def code_of(code: str) -> str:
    """A refusal's code here, where those of the framework have words of their own."""
    return {"missing": "api_missing", "method": "api_method"}.get(code, code)


def answer(wording: Wording, code: str, message: str, number: str, headers: Mapping[str, str]) -> Response:
    """A refusal as Graph would tell it; `number` is in the log too."""
    details = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "request-id": number}
    told = {"code": code, "message": message, "innerError": details}
    more = {"request-id": number} | ({"WWW-Authenticate": 'Bearer realm="Reflect"'} if wording.status == 401 else {})
    return JSONResponse({"error": told}, wording.status, {**headers, **more})


def is_for(request: Request) -> bool:
    """Whether a request is one of the API."""
    return request.url.path.startswith(ADDRESS)
