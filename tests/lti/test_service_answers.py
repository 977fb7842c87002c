import pytest

from reflect.lti.outbound import Answer
from reflect.lti.service_answers import json_object, json_value
from reflect.lti.service_refusals import ServiceRefused


def test_json_is_read_whatever_its_header_calls_it() -> None:
    answer = Answer(200, {"content-type": "text/html"}, b'\xef\xbb\xbf {"name": "\\ud83d\\ude42"} \n')
    assert json_object(answer, "it") == {"name": "🙂"}
    assert json_value(Answer(200, {}, b"[1]"), "it") == [1]


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"<html></html>", b'{"a": ', b"{'a': 1}", b'{"a": NaN}', b"[" * 100_000, b"\xff\xfe\x00"),
        *(b'"\\ud83d"', b'"\\uDC00"', b"1" * 10_000),
    ],
)
def test_what_is_not_whole_json_is_refused(body: bytes) -> None:
    with pytest.raises(ServiceRefused, match="answer_malformed: it did"):
        json_value(Answer(200, {}, body), "it")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"1"])
def test_json_that_is_no_object_is_refused_where_one_is_due(body: bytes) -> None:
    with pytest.raises(ServiceRefused, match="answer_malformed"):
        json_object(Answer(200, {}, body), "it")
