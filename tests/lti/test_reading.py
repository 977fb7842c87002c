import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.lti import reading
from reflect.lti.messages import CourseGroups, Grades, NamesAndRoles, Presentation


def never(url: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("  Ada Probe ", "Ada Probe"),
        ("Ada\r\nProbe\t", "Ada  Probe"),
        ("Ada\x00\x1b[31m\x7f\x85", "Ada[31m"),
        ("\u202egnp.exe\u2066", "gnp.exe"),
        ("سارة الأحمد", "سارة الأحمد"),
        ("\U0001f469\u200d\U0001f680", "\U0001f469\u200d\U0001f680"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("=HYPERLINK()", "=HYPERLINK()"),
        ("x" * 10_000, "x" * 200),
        ("", None),
        (" \t", None),
        (None, None),
        (7, None),
        (["Ada"], None),
    ],
)
def test_words_for_people_are_cleaned_and_cut(sent: object, shown: str | None) -> None:
    assert reading.text(sent) == shown


@given(st.text())
def test_no_control_character_is_left_in_words(sent: str) -> None:
    shown = reading.text(sent)
    assert shown is None or (
        0 < len(shown) <= 200
        and shown == shown.strip()
        and not any(unicodedata.category(character) == "Cc" for character in shown)
    )


@given(st.text() | st.none() | st.integers() | st.lists(st.text()))
def test_an_identifier_is_printable_ascii_of_255_at_most(value: object) -> None:
    found = reading.identifier(value)
    assert found is None or (found == value and 0 < len(found) <= 255 and found.isascii() and found.isprintable())


@pytest.mark.parametrize("tag", ["de", "pt-BR", "zh_cn", "sr-Latn-RS", "en-GB-oxendict"])
def test_a_language_tag_is_taken_in_both_spellings(tag: str) -> None:
    assert reading.locale(tag) == tag


@pytest.mark.parametrize("tag", ["", "e", "en-", "en;q=1", "../en", "en\n", None, 7, ["en"], "x" * 40])
def test_what_is_no_language_tag_is_none(tag: object) -> None:
    assert reading.locale(tag) is None


def test_custom_values_that_are_none_are_dropped_and_an_empty_one_is_a_value() -> None:
    sent = {
        "kept": "7",
        "price": "$5",
        "unresolved": "$Context.id.history",
        "empty": "",
        "blank": " ",
        "null": None,
        "number": 7,
        "list": ["7"],
        "odd\x00key": "x",
    }
    assert reading.custom(sent) == {"kept": "7", "price": "$5", "empty": ""}
    assert reading.custom(["x"]) == {}
    assert len(reading.custom({str(number): "x" for number in range(1000)})) == reading.MOST_ITEMS
    with pytest.raises(TypeError):
        reading.custom(sent)["kept"] = "8"  # type: ignore[index]


def test_a_presentation_is_read_as_far_as_it_is_plain() -> None:
    claim = {"document_target": "iframe", "locale": "de", "return_url": "https://lms.example.org/return"}
    assert reading.presentation(claim, never) == Presentation("iframe", "de", "https://lms.example.org/return")
    odd = {"document_target": "popup", "locale": 1, "return_url": "javascript:alert(1)"}
    assert reading.presentation(odd, never) == Presentation(None, None, None)
    unhashable: dict[str, object] = {"document_target": ["iframe"], "return_url": "http://lms.example.org"}
    assert reading.presentation(unhashable, never) == Presentation(None, None, None)
    assert reading.presentation("iframe", never) == Presentation(None, None, None)


def test_services_are_offered_at_addresses_we_may_call_only() -> None:
    url = "https://lms.example.org/members"
    roster = {"context_memberships_url": url, "service_versions": ["2.0"]}
    assert reading.names_and_roles(roster, never) == NamesAndRoles(url, ("2.0",))
    assert reading.names_and_roles({"context_memberships_url": "http://lms.example.org/members"}, never) is None
    assert reading.names_and_roles(None, never) is None
    assert reading.grades({"scope": ["s"], "lineitems": url, "lineitem": ""}, never) == Grades(("s",), url, None)
    assert reading.grades({"scope": ["s"], "lineitem": url}, never) == Grades(("s",), None, url)
    assert reading.grades({"scope": ["s"]}, never) is None
    groups = {"context_groups_url": url, "scope": ["s"], "service_versions": ["1.0"]}
    assert reading.course_groups(groups, never) == CourseGroups(url, None, ("s",), ("1.0",))
    both = reading.course_groups(groups | {"context_group_sets_url": url + "/sets"}, never)
    assert both is not None and both.group_sets_url == url + "/sets"
    assert reading.course_groups({"context_group_sets_url": url}, never) is None
    assert reading.course_groups(groups | {"context_groups_url": "http://campus.example/groups"}, never) is None
    assert reading.course_groups("x", never) is None


def test_context_types_may_be_one_string() -> None:
    context = reading.context({"id": "2", "type": "CourseSection"})
    assert context is not None and context.types == ("CourseSection",)
    bare = reading.context({"id": "2", "type": {"x": 1}, "title": None})
    assert bare is not None and (bare.types, bare.title) == ((), None)
