"""Reading a form: small, flat, no uploads, nothing given twice."""

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 50
MOST_TICKS = 500
"""Fields besides those of a form that has a box to tick for each of many things."""


async def pairs_of(request: Request, most: int = MOST_FIELDS) -> list[tuple[str, str]]:
    """The fields of an urlencoded form in order (WHATWG URL 5.1); refuses other content types and too many fields.

    The application's limit on bodies holds here too; it is what bounds a field.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise HTTPException(415, "content_type")
    try:
        body = (await request.body()).decode("ascii")
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=most, errors="strict")
    except ValueError:
        raise HTTPException(400, "form") from None
    request.state.pairs = pairs
    return pairs


def read_before(request: Request) -> list[tuple[str, str]]:
    """The fields of the form that the handler of this request has read; none if it has read none."""
    found: list[tuple[str, str]] = getattr(request.state, "pairs", [])
    return found


async def sent_with(request: Request) -> list[tuple[str, str]]:
    """The fields of a form, and of the address it was posted to those that the form lacks.

    Platforms built on ceLTIc's LTI-PHP put `lti_storage_target` into the address.
    """
    pairs = await pairs_of(request)
    in_form = {name for name, _ in pairs}
    return pairs + [(name, value) for name, value in request.query_params.multi_items() if name not in in_form]


async def fields_of(request: Request, most: int = MOST_FIELDS) -> dict[str, str]:
    """The fields of a form by name; a field given twice is refused."""
    pairs = await pairs_of(request, most)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise HTTPException(400, "form")
    return fields
