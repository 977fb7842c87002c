import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.lti.addresses import LONGEST, Origin, is_secure, origin


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Reflect.Example.org/app?x=1#y", Origin("https", "reflect.example.org", 443)),
        ("HTTPS://reflect.example.org", Origin("https", "reflect.example.org", 443)),
        ("http://localhost:8000/app", Origin("http", "localhost", 8000)),
        ("https://[2001:db8::1]:8443/", Origin("https", "2001:db8::1", 8443)),
        ("https://reflect.example.org/größe", Origin("https", "reflect.example.org", 443)),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, expected: Origin) -> None:
    assert origin(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/app",
        "//reflect.example.org/app",
        "https:/reflect.example.org",
        "https:reflect.example.org",
        "https:///app",
        "https://",
        "https://@reflect.example.org",
        "https://me@reflect.example.org",
        "https://evil.example\\@reflect.example.org",
        "https://evil.example\\.reflect.example.org",
        "https://reflect.example.org/\\evil.example",
        "https://reflect.example.org:99999",
        "https://reflect.example.org:x",
        "https://[::1",
        " https://reflect.example.org",
        "https://reflect.example.org/a b",
        "https://reflect.example.org/\t",
        "https://reflect.\nexample.org/",
        "https://reflect.example.org/\x00",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://reflect.example.org",
        "https://reflect.example.org/" + "x" * LONGEST,
    ],
)
def test_an_odd_spelling_has_no_origin(url: str) -> None:
    assert origin(url) is None


@given(st.text(st.characters(exclude_categories=())) | st.text("htps:/@[]\\.%09az ").map("https://".__add__))
def test_any_text_has_an_origin_or_none(url: str) -> None:
    found = origin(url)
    assert found is None or (found.scheme in {"http", "https"} and found.host and 0 <= found.port < 65536)


def test_https_is_secure_and_http_only_where_it_is_allowed() -> None:
    assert is_secure("https://lms.example.org", lambda url: False)
    assert not is_secure("http://lms.example.org", lambda url: False)
    assert is_secure("http://lms.example.org", lambda url: True)
    assert not is_secure("javascript:alert(1)", lambda url: True)
