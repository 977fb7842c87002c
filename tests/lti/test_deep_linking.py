from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import jwt
import pytest

from reflect.lti import Platform, deep_linking, keys
from reflect.lti import claims as names
from reflect.lti.deep_linking import LinkItem, Period, SelectionRefused, takes_line_items, takes_links
from reflect.lti.line_items import LineItemDraft
from reflect.lti.messages import DeepLinkingSettings

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
TOOL = "https://reflect.example.org"
PLATFORM = Platform(
    *(7, "https://campus.example.org/moodle", "client-1", "https://campus.example.org/auth"),
    *("https://campus.example.org/token", "https://campus.example.org/jwks", "https://audience.example.org", True),
)
ONE = LinkItem(TOOL + "/app", "Weekly check-in")
FULL = LinkItem(
    TOOL + "/app?c=1",
    "How are you – ça va? 🌱",
    text="Once a week.",
    custom={"checkin": "1", "group_ids": "$Moodle.Person.userGroupIds"},
    line_item=LineItemDraft("Took part", 1, resource_id="checkin-1", tag="participation"),
    available=Period(NOW, NOW + timedelta(days=7)),
    submission=Period(None, datetime(2026, 12, 1, 1, 30, 5, 900_000, tzinfo=timezone(timedelta(hours=2)))),
)


def settings(**altered: Any) -> DeepLinkingSettings:
    given: dict[str, Any] = {
        **{"return_url": "https://campus.example.org/return?sesskey=1", "accept_types": ("ltiResourceLink", "link")},
        **{"accept_targets": ("iframe",), "accept_multiple": True, "accept_lineitem": True, "auto_create": False},
        **{"title": None, "text": None, "data": None},
    }
    return DeepLinkingSettings(**(given | altered))


def claims(pair: keys.KeyPair, *items: LinkItem, limits: DeepLinkingSettings | None = None, **more: Any) -> Any:
    token = deep_linking.response(
        limits or settings(), items, platform=PLATFORM, deployment_id="4", pair=pair, now=NOW, **more
    )
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT", "kid": pair.kid}
    return jwt.decode(
        token,
        jwt.PyJWK(pair.public_jwk),
        algorithms=["RS256"],
        audience=PLATFORM.issuer,
        issuer="client-1",
        options={"verify_iat": False, "verify_exp": False},
    )


def test_the_response_says_who_it_is_from_and_for_whom(pair: keys.KeyPair) -> None:
    found = claims(pair, ONE)
    assert found.pop("nonce") != claims(pair, ONE)["nonce"]
    issued_at = int(NOW.timestamp()) - 30
    assert found == {
        **{"iss": "client-1", "aud": PLATFORM.issuer, "iat": issued_at, "exp": issued_at + 300},
        **{names.DEPLOYMENT_ID: "4", names.MESSAGE_TYPE: "LtiDeepLinkingResponse", names.VERSION: "1.3.0"},
        DL + "content_items": [{"type": "ltiResourceLink", "url": TOOL + "/app", "title": "Weekly check-in"}],
    }


def test_a_link_carries_all_that_was_chosen_for_it(pair: keys.KeyPair) -> None:
    assert claims(pair, FULL)[DL + "content_items"] == [
        {
            "type": "ltiResourceLink",
            "url": TOOL + "/app?c=1",
            "title": "How are you – ça va? 🌱",
            "text": "Once a week.",
            "custom": {"checkin": "1", "group_ids": "$Moodle.Person.userGroupIds"},
            "lineItem": {
                **{"label": "Took part", "scoreMaximum": 1},
                **{"resourceId": "checkin-1", "tag": "participation"},
            },
            "available": {"startDateTime": "2026-11-23T12:00:00Z", "endDateTime": "2026-11-30T12:00:00Z"},
            "submission": {"endDateTime": "2026-11-30T23:30:05Z"},
        }
    ]


def test_several_links_keep_their_order(pair: keys.KeyPair) -> None:
    items = claims(pair, FULL, ONE)[DL + "content_items"]
    assert [item["url"] for item in items] == [FULL.url, ONE.url]


def test_nothing_chosen_is_an_answer_whatever_is_accepted(pair: keys.KeyPair) -> None:
    limits = settings(accept_types=("html",), accept_multiple=False)
    assert claims(pair, limits=limits)[DL + "content_items"] == []


def test_data_goes_back_as_it_came(pair: keys.KeyPair) -> None:
    data = ' {"a":"é\u202e\\n"} '
    assert claims(pair, ONE, limits=settings(data=data))[DL + "data"] == data
    assert claims(pair, ONE, limits=settings(data=""))[DL + "data"] == ""
    assert DL + "data" not in claims(pair, ONE)


def test_a_word_for_the_person_comes_along(pair: keys.KeyPair) -> None:
    assert claims(pair, ONE, message="One check-in\nadded")[DL + "msg"] == "One check-in added"
    found = claims(pair, error="The check-in is closed")
    assert found[DL + "errormsg"] == "The check-in is closed" and DL + "msg" not in found


def test_two_links_are_refused_where_one_is_accepted(pair: keys.KeyPair) -> None:
    limits = settings(accept_multiple=False)
    assert len(claims(pair, ONE, limits=limits)[DL + "content_items"]) == 1
    with pytest.raises(SelectionRefused) as refused:
        claims(pair, ONE, FULL, limits=limits)
    assert refused.value.code == "one_only"


def test_links_are_refused_where_only_other_things_are_accepted(pair: keys.KeyPair) -> None:
    limits = settings(accept_types=("link", "html"))
    assert takes_links(settings()) and not takes_links(limits)
    with pytest.raises(SelectionRefused) as refused:
        claims(pair, ONE, limits=limits)
    assert refused.value.code == "type_not_accepted"


@pytest.mark.parametrize(("accepted", "sent"), [(True, True), (None, True), (False, False)])
def test_a_line_item_is_left_out_only_where_it_would_be_ignored(
    pair: keys.KeyPair, accepted: bool | None, sent: bool
) -> None:
    limits = settings(accept_lineitem=accepted)
    assert takes_line_items(limits) is sent
    assert ("lineItem" in claims(pair, FULL, limits=limits)[DL + "content_items"][0]) is sent


def test_words_are_cleaned_and_cut(pair: keys.KeyPair) -> None:
    odd = LinkItem(TOOL, "a\nb\u202e" + "x" * 300, text=" \t")
    (item,) = claims(pair, odd)[DL + "content_items"]
    assert len(item["title"]) == 200 and item["title"].startswith("a bx") and "text" not in item
    (item,) = claims(pair, LinkItem(TOOL, " "))[DL + "content_items"]
    assert item["title"] == TOOL


@pytest.mark.parametrize(
    "custom", [{"Checkin": "1"}, {"check in": "1"}, {"": "1"}, {"1a": "1"}, {"a": "1\nb=2"}, {"a\n": "1"}]
)
def test_a_custom_parameter_that_moodle_would_bend_is_a_fault_of_ours(custom: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        LinkItem(TOOL, "x", custom=custom)


def test_a_period_needs_time_zones_and_may_be_open() -> None:
    assert Period(None, None).on_wire() == {}
    with pytest.raises(ValueError, match="time zone"):
        Period(NOW.replace(tzinfo=None), None).on_wire()
