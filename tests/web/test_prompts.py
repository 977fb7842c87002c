"""Whom to ask, over HTTP: rules turned on, a student on the list, set aside, closed, handed over; and who gets to know."""

import re
from html import unescape

import pytest
from sqlmodel import select

from reflect.storage.people import Person
from reflect.storage.prompts import Prompt, Reminder
from reflect.storage.students import StudentAccess
from tests.installation import Installation
from tests.web.dialogs import Visit, arrives
from tests.web.launching import assert_refused

WREN, INES, ZOE, QAMAR = "3", "4", "6", "7"
LIST, RULES = "/courses/1/prompts", "/courses/1/reminders"
ASK = "Maybe ask how Zoë Märchenwald is"


@pytest.fixture
def teacher(installation: Installation) -> Visit:
    """The teacher of a course in which one student has answered five check-ins, three of them unpleasantly."""
    visit, zoe = arrives(installation, WREN), arrives(installation, ZOE)
    for number, choice in enumerate(("face_1", "face_5", "face_2", "face_4", "face_1")):
        checkin_id = visit.asks(f"Day {number}?", answer_form="faces")
        visit.page = visit.walker.get("/courses/1")
        zoe.walker.post(f"/checkins/{checkin_id}/answers", {"choice": choice})
    return visit


def zoes(visit: Visit) -> int:
    found = visit.running.database.read_now(lambda db: db.exec(select(Person.id).where(Person.sub == ZOE)).one())
    assert found is not None
    return found


def listed(visit: Visit) -> str:
    visit.page = visit.walker.get(LIST)
    assert visit.page.status_code == 200
    return visit.page.text


def remind(visit: Visit, **fields: str) -> None:
    visit.page = visit.walker.get(RULES)
    visit.sends(RULES, {"unpleasant": "yes", "unpleasant-count": "3", "unpleasant-span": "5", **fields})
    assert visit.page.status_code == 200


def test_nothing_is_watched_until_a_rule_is_turned_on(teacher: Visit) -> None:
    assert ASK not in listed(teacher) and "All your reminders are off." in teacher.page.text
    remind(teacher)
    assert ASK in teacher.page.text
    assert "3 of the last 5 answers with a name were unpleasant." in teacher.page.text
    assert "Your reminder: Several unpleasant answers" in teacher.page.text
    assert re.search(r'name="unpleasant" value="yes" checked', teacher.walker.get(RULES).text)


def test_the_home_shows_a_number_and_no_name(teacher: Visit) -> None:
    assert "Whom to ask" in teacher.walker.get("/courses/1").text
    remind(teacher)
    home = teacher.walker.get("/courses/1").text
    assert "1 student you may want to ask" in home and "Zoë" not in home
    ines = arrives(teacher.running, INES)
    assert "you may want to ask" not in ines.page.text


def test_the_student_is_told_that_their_line_was_shown(teacher: Visit) -> None:
    remind(teacher)
    listed(teacher)
    assert teacher.running.count(StudentAccess) == [1]
    zoe, qamar = arrives(teacher.running, ZOE), arrives(teacher.running, QAMAR)
    told = zoe.walker.get("/courses/1/reflections").text
    assert "a list of students to ask how they are, with a line about you" in told and "Wren Storybook" in told
    assert "with a line about you" not in qamar.walker.get("/courses/1/reflections").text


@pytest.mark.parametrize("way", ["sightings", "closures"])
def test_the_student_is_told_too_where_their_line_is_set_aside_or_closed(teacher: Visit, way: str) -> None:
    teacher.walker.post(RULES, {"unpleasant": "yes", "unpleasant-count": "3", "unpleasant-span": "5"})
    teacher.walker.post(f"{LIST}/{zoes(teacher)}/{way}", {"until": ""})
    assert teacher.running.count(StudentAccess) == [0]
    assert ASK not in listed(teacher) and "Put it back on the list" in teacher.page.text
    assert teacher.running.count(StudentAccess) == [1]


def test_a_student_is_set_aside_put_back_and_closed(teacher: Visit) -> None:
    remind(teacher)
    until = re.search(r'name="until" value="([^"]+)"', listed(teacher))
    assert until
    teacher.sends(r"/courses/1/prompts/\d+/sightings", {"until": unescape(until[1])})
    assert ASK not in teacher.page.text and "Set aside, until there is a new reason" in teacher.page.text
    teacher.sends(r"/courses/1/prompts/\d+/returns", {})
    assert ASK in teacher.page.text
    teacher.sends(r"/courses/1/prompts/\d+/closures", {"until": "not a moment"})
    assert ASK not in teacher.page.text and "Closed and handed over" in teacher.page.text


def test_a_student_is_handed_over_to_somebody_who_sees_by_whom(teacher: Visit) -> None:
    ines = arrives(teacher.running, INES)
    remind(teacher)
    page = teacher.sends(r"/courses/1/prompts/\d+/handovers", {"to": "", "until": ""})
    assert (page.status_code, page.headers["reflect-error"]) == (422, "form")
    assert "Choose one of the options." in page.text and ASK in page.text
    adult = re.search(r'<option value="(\d+)"[^>]*>Inés', page.text)
    assert adult
    teacher.sends(r"/courses/1/prompts/\d+/handovers", {"to": adult[1], "until": ""})
    assert ASK not in teacher.page.text and "Handed over to Inés Cuento Ñandú" in teacher.page.text
    theirs = ines.walker.get(LIST).text
    assert ASK in theirs and "Wren Storybook handed this over to you on" in theirs
    assert "3 of the last 5 answers with a name were unpleasant." in theirs and "Your reminder" not in theirs
    assert "1 student you may want to ask" in ines.walker.get("/courses/1").text


def test_what_has_no_reason_any_more_is_not_handed_over(teacher: Visit) -> None:
    ines = arrives(teacher.running, INES)
    adult = re.search(r'name="adult" value="(\d+)"[^>]*>\s*<span[^>]*><span[^>]*>Inés', student_page(teacher))
    assert adult and ines.page.status_code == 200
    refused = teacher.walker.post(f"{LIST}/{zoes(teacher)}/handovers", {"to": adult[1]})
    assert_refused(refused, "prompt_gone")


def student_page(teacher: Visit) -> str:
    return arrives(teacher.running, ZOE).walker.get("/courses/1/talks").text


def test_numbers_that_do_not_fit_come_back_as_they_were_chosen(teacher: Visit) -> None:
    teacher.page = teacher.walker.get(RULES)
    page = teacher.sends(RULES, {"lower": "yes", "unpleasant-count": "6", "unpleasant-span": "5", "lower-count": "2"})
    assert (page.status_code, page.headers["reflect-error"]) == (422, "form")
    assert "Choose at most as many as the answers that are looked at." in page.text
    assert re.search(r'name="lower" value="yes" checked', page.text)
    assert re.search(r'<option value="6" selected>', page.text)
    assert teacher.running.count(Reminder) == [0]
    page = teacher.sends(RULES, {"silent-count": "99"})
    assert "Choose one of the options." in page.text


def test_waiting_talks_come_first_as_a_number_only(teacher: Visit) -> None:
    remind(teacher)
    zoe = arrives(teacher.running, ZOE)
    zoe.walker.post("/courses/1/talks", {"adult": "", "message": "About the bridge.", "urgency": "today"})
    found = listed(teacher)
    assert found.index("1 student would like to talk") < found.index(ASK)
    assert "About the bridge." not in found and "/talks/" not in found


def test_students_have_no_list_no_rules_and_no_way_to_act(teacher: Visit) -> None:
    remind(teacher)
    zoe = arrives(teacher.running, ZOE).walker
    for path in (LIST, RULES):
        assert_refused(zoe.get(path), "not_allowed")
    assert_refused(zoe.post(RULES, {"unpleasant": "yes"}), "not_allowed")
    for noun in ("sightings", "closures", "handovers", "returns"):
        assert_refused(zoe.post(f"{LIST}/{zoes(teacher)}/{noun}", {"to": "1"}), "not_allowed")
        assert_refused(teacher.walker.post(f"{LIST}/999/{noun}", {"to": "1"}), "missing")
    for page in ("/courses/1", "/courses/1/reflections"):
        assert "unpleasant" not in zoe.get(page).text.replace("less pleasant", "")
    assert teacher.running.count(Prompt) == [0]


def test_another_courses_teacher_reaches_nothing(teacher: Visit) -> None:
    remind(teacher)
    other = arrives(teacher.running, INES, "3", "3").walker
    for path in (LIST, RULES):
        assert_refused(other.get(path), "missing")
    for noun in ("sightings", "closures", "handovers", "returns"):
        assert_refused(other.post(f"{LIST}/{zoes(teacher)}/{noun}", {"to": "1"}), "missing")


def test_a_student_is_told_before_answering_that_rules_may_remind_teachers(teacher: Visit) -> None:
    for anonymity, is_told in (("named", True), ("anonymous", False)):
        teacher.page = teacher.walker.get("/courses/1")
        checkin_id = teacher.asks(f"And {anonymity}?", anonymity=anonymity)
        page = arrives(teacher.running, ZOE).walker.get(f"/checkins/{checkin_id}").text
        assert ("Reflect may remind them to ask how you are" in page) == is_told
