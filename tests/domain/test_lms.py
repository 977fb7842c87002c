import pytest

from reflect.domain.lms import SITES, addresses_of, site_of
from reflect.domain.registrations import LMS

SITE = "https://moodle.example"


@pytest.mark.parametrize(
    ("typed", "site"),
    [
        (SITE, SITE),
        (SITE + "/", SITE),
        ("moodle.example", SITE),
        ("  moodle.example/my/ ", SITE),
        (SITE + "/login/index.php", SITE),
        (SITE + "/admin/search.php?query=lti#there", SITE),
        (SITE + "/course/view.php?id=2", SITE),
        (SITE + "/school", SITE + "/school"),
        (SITE + "/school/mod/lti/toolconfigure.php", SITE + "/school"),
        (SITE + ":8443/my/courses.php", SITE + ":8443"),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001"),
        ("", ""),
        ("https://", ""),
        ("https://[", ""),
    ],
)
def test_a_site_is_found_in_the_address_of_any_of_its_pages(typed: str, site: str) -> None:
    assert site_of(typed) == site


def test_moodles_addresses_are_those_of_its_own_configuration() -> None:
    assert addresses_of("moodle", "https://moodle.test:8443/my/", "") == {
        "issuer": "https://moodle.test:8443",
        "keyset_url": "https://moodle.test:8443/mod/lti/certs.php",
        "token_url": "https://moodle.test:8443/mod/lti/token.php",
        "auth_url": "https://moodle.test:8443/mod/lti/auth.php",
    }


def test_brightspace_wants_an_audience_of_its_own() -> None:
    assert (
        addresses_of("brightspace", "school.brightspace.com", "")["token_audience"]
        == "https://api.brightspace.com/auth/token"
    )


def test_blackboards_keyset_has_the_client_id_in_it() -> None:
    assert "keyset_url" not in addresses_of("blackboard", "", "")
    assert addresses_of("blackboard", "", "abc-1")["keyset_url"].endswith("/applications/abc-1/jwks.json")


@pytest.mark.parametrize("lms", LMS)
def test_nothing_follows_from_nothing_where_each_site_has_its_own_addresses(lms: str) -> None:
    assert (addresses_of(lms, "", "") == {}) is (lms in SITES or lms == "other")
