import pytest

from reflect.demo import changes
from reflect.demo.people import Activity, NobodyMissing, read_school


def test_a_school_is_a_value_that_no_change_touches() -> None:
    school = read_school()
    grown = changes.with_activity(school, "2", Activity("9", "New", "", "iframe"))
    copied, copy = changes.copied(grown, "2")
    assert school == read_school()
    assert [one.id for one in grown.course("2").activities] == ["1", "2", "9"]
    assert grown.course("3") == school.course("3")
    assert copied.course("2") == grown.course("2")
    assert [one.title for one in copy.activities] == [one.title for one in grown.course("2").activities]


def test_numbers_are_never_given_twice() -> None:
    school, copy = changes.copied(read_school(), "2")
    ids = [one.id for course in school.courses for one in course.activities] + [one.id for one in school.courses[2:]]
    assert len(ids) == len(set(ids))
    assert changes.fresh_id(school) > max(map(int, ids))
    again, second = changes.copied(school, copy.id)
    assert second.history == (copy.id, "2")
    assert again.people_in(second) == again.people_in(copy)


def test_an_activity_is_bound_to_another_column() -> None:
    school = changes.with_column(read_school(), "2", "1", "100")
    assert [one.line_item for one in school.course("2").activities] == ["100", ""]


def test_what_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(NobodyMissing):
        changes.copied(read_school(), "99")
