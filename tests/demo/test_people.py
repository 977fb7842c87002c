import unicodedata

import pytest

from reflect.demo.people import NobodyMissing, read_school, role_uri

SCHOOL = read_school()
COURSE = SCHOOL.course("2")


def test_the_school_has_two_teachers_an_assistant_eight_students_and_a_parent() -> None:
    parts = [person.part_in(COURSE) for person in SCHOOL.people]
    assert [parts.count(part) for part in ("teacher", "assistant", "student", "mentor")] == [2, 1, 8, 1]


def test_names_come_in_several_scripts() -> None:
    letters = "".join(person.name for person in SCHOOL.people)
    scripts = {unicodedata.name(letter).split()[0] for letter in letters if letter.isalpha()}
    assert {"LATIN", "ARABIC", "HEBREW", "CJK", "HIRAGANA", "DEVANAGARI"} <= scripts


def test_one_name_is_very_long() -> None:
    assert max(len(person.name) for person in SCHOOL.people) > 90


def test_numbers_are_small_integers_in_strings_as_in_moodle() -> None:
    numbers = [person.sub for person in SCHOOL.people] + [course.id for course in SCHOOL.courses]
    assert all(str(int(number)) == number for number in numbers)


def test_nobody_shares_a_number_and_no_activity_does() -> None:
    activities = [activity.id for course in SCHOOL.courses for activity in course.activities]
    assert len(set(activities)) == len(activities)
    assert len({person.sub for person in SCHOOL.people}) == len(SCHOOL.people)


@pytest.mark.parametrize("course", SCHOOL.courses, ids=lambda course: course.label)
def test_each_course_has_an_embedded_activity_and_one_in_a_window(course: object) -> None:
    assert {activity.opens_in for activity in course.activities} == {"iframe", "window"}  # type: ignore[attr-defined]


def test_addresses_of_people_cannot_belong_to_anyone() -> None:
    assert all(person.email.endswith(".example") for person in SCHOOL.people)


def test_the_assistant_of_one_course_learns_in_the_other() -> None:
    pip = SCHOOL.person("5")
    assert [pip.part_in(course) for course in SCHOOL.courses] == ["assistant", "student"]


def test_who_is_not_in_a_course_plays_no_part_in_it() -> None:
    assert SCHOOL.person("3").part_in(SCHOOL.course("3")) == ""


def test_a_sub_role_has_a_path_of_its_own() -> None:
    assert role_uri("Learner") == "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
    assert role_uri("Learner#Instructor") == "http://purl.imsglobal.org/vocab/lis/v2/membership/Learner#Instructor"


def test_a_number_nobody_has_is_missing() -> None:
    with pytest.raises(NobodyMissing):
        SCHOOL.person("99")
    with pytest.raises(NobodyMissing):
        COURSE.activity("3")
