"""Reading what a platform's service answered: JSON by what it is, not by what its header calls it.

Moodle serves tokens as text/html; a proxy's error page comes with status 200. Both are told apart here.
"""

import json
from typing import Any, NoReturn

from reflect.lti.outbound import Answer
from reflect.lti.service_refusals import ServiceRefused


def json_value(answer: Answer, asked: str) -> Any:
    """The JSON of an answer; raises `ServiceRefused` `answer_malformed` for anything else, half of it, or NaN."""
    try:
        value = json.loads(answer.body, parse_constant=_no_constant)
        if b"\\ud" in answer.body or b"\\uD" in answer.body:
            # An escape may smuggle in half a surrogate pair, which no database or page can hold.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise ServiceRefused("answer_malformed", f"{asked} did not answer with JSON") from None
    return value


def json_object(answer: Answer, asked: str) -> dict[str, Any]:
    """The JSON object of an answer; raises `ServiceRefused` `answer_malformed`."""
    value = json_value(answer, asked)
    if not isinstance(value, dict):
        raise ServiceRefused("answer_malformed", f"{asked} did not answer with a JSON object")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
