"""Reading a form: small, flat, no uploads, nothing given twice."""

from starlette.exceptions import HTTPException
from starlette.requests import Request

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 50


async def pairs_of(request: Request, largest: int = 16 * 1024) -> list[tuple[str, str]]:
    """The fields of an urlencoded form in order; refuses other content types, uploads and too large a field."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise HTTPException(415, "content_type")
    async with request.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=largest) as form:
        return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


async def fields_of(request: Request, largest: int = 16 * 1024) -> dict[str, str]:
    """The fields of a form by name; a field given twice is refused."""
    pairs = await pairs_of(request, largest)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise HTTPException(400, "form")
    return fields
