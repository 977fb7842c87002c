"""Responding over HTTP: one tap or a few words, seen by the one student they are for."""

import re
from html import unescape

import httpx2
import pytest

from tests.installation import Installation
from tests.web.dialogs import STUDENTS, TEACHER, Visit, arrives

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def posts(visit: Visit, action: str, fields: dict[str, str], headers: dict[str, str]) -> httpx2.Response:
    """Send a form, as a browser by itself or as htmx does, which asks for a part of the page."""
    own = {"Origin": visit.running.base_url, "Sec-Fetch-Site": "same-origin"}
    return visit.walker._send("POST", unescape(action), fields, own | headers)


def answered(running: Installation) -> tuple[Visit, list[Visit], int]:
    teacher, students = arrives(running, TEACHER), []
    checkin_id = teacher.asks("How was the trip?")
    for person in STUDENTS[:2]:
        student = arrives(running, person)
        student.goes_to(f"/checkins/{checkin_id}")
        student.sends(f"/checkins/{checkin_id}/answers", {"choice": "calm"})
        students.append(student)
    teacher.page = teacher.walker.get(f"/checkins/{checkin_id}")
    return teacher, students, checkin_id


def test_a_student_sees_who_answered_them_and_what_and_nobody_else_does(installation: Installation) -> None:
    teacher, students, checkin_id = answered(installation)
    page = teacher.goes_to(f"/checkins/{checkin_id}/responses")
    first, second = re.findall(rf'action="(/checkins/{checkin_id}/responses/\d+)', page.text)
    assert first != second
    teacher.sends(f'{first}[?"]?', {"mark": "heart"})
    page = teacher.sends(f'{first}[?"]?', {"reply": "See you on Monday."})
    pressed = re.findall(r'name="mark" value="(\w*)" aria-pressed="true"', page.text)
    assert pressed == [""]  # pressed once more it takes the mark away, however often that is sent
    seen = [student.walker.get(f"/checkins/{checkin_id}").text for student in students]
    assert sum("See you on Monday." in text for text in seen) == 1
    (mine,) = (text for text in seen if "See you on Monday." in text)
    assert "You are not alone" in mine and "Wren Storybook" in mine
    homes = [student.walker.get("/courses/1").text for student in students]
    assert sum("Your teacher answered you" in text for text in homes) == 1


def test_a_reply_that_is_too_long_comes_back_as_it_was_typed(installation: Installation) -> None:
    teacher, students, checkin_id = answered(installation)
    teacher.goes_to(f"/checkins/{checkin_id}/responses")
    page = teacher.sends(f"/checkins/{checkin_id}/responses/\\d+", {"reply": "much " * 80})
    assert page.status_code == 422
    assert "Use at most 300 characters." in page.text and "much much" in page.text
    assert not [student for student in students if "much" in student.walker.get(f"/checkins/{checkin_id}").text]


def test_a_refused_reply_comes_back_to_its_place_in_the_page_and_not_as_a_page(installation: Installation) -> None:
    teacher, _students, checkin_id = answered(installation)
    page = teacher.goes_to(f"/checkins/{checkin_id}/responses")
    action = re.search(r'hx-post="([^"]+)"', page.text)
    assert action
    refused = posts(teacher, action[1], {"reply": "much " * 80}, PART)
    assert refused.status_code == 422 and "Use at most 300 characters." in refused.text
    assert refused.text.lstrip().startswith("<li") and refused.text.count("<li") == 1
    assert "much much" in refused.text and "<main" not in refused.text


@pytest.mark.parametrize("headers", [{}, PART], ids=["without script", "with script"])
def test_a_mark_leaves_the_reply_that_is_being_written_in_its_field_and_does_not_send_it(
    installation: Installation, headers: dict[str, str]
) -> None:
    teacher, students, checkin_id = answered(installation)
    page = teacher.goes_to(f"/checkins/{checkin_id}/responses")
    action = re.search(rf'<form[^>]*action="(/checkins/{checkin_id}/responses/[^"#]+)', page.text)
    assert action and page.text.count('<form class="give-back"') == 2
    fields = {"mark": "heart", "reply": "<Half a thou", "kept": ""}
    given = posts(teacher, action[1], fields, headers)
    assert given.status_code == 200 and 'aria-pressed="true"' in given.text
    assert "&lt;Half a thou</textarea>" in given.text
    assert not any("Half a thou" in student.walker.get(f"/checkins/{checkin_id}").text for student in students)
    sent = posts(teacher, action[1], {"reply": "See you.", "kept": ""}, headers)
    assert sent.status_code == (200 if headers else 303)
    again = posts(teacher, action[1], {"mark": "star", "reply": "See you.", "kept": "See you."}, headers)
    assert again.status_code == (200 if headers else 303)


def shown(page: httpx2.Response, action: str) -> tuple[str, str, list[str]]:
    """Of one answer's part of a page: what its field holds, what it says that it began with, and what it quotes."""
    part = unescape(page.text).partition(f'action="{action}')[2].partition("</li>")[0]
    (field,) = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", part, re.DOTALL)
    (kept,) = re.findall(r'name="kept" value="([^"]*)"', part)
    return field, kept, re.findall(r"<blockquote[^>]*><bdi>(.*?)</bdi>", part)


@pytest.mark.parametrize("headers", [{}, PART], ids=["without script", "with script"])
def test_what_a_colleague_replied_meanwhile_is_shown_and_neither_hidden_nor_lost(
    installation: Installation, headers: dict[str, str]
) -> None:
    teacher, _students, checkin_id = answered(installation)
    page = teacher.goes_to(f"/checkins/{checkin_id}/responses")
    found = re.search(rf'<form[^>]*action="(/checkins/{checkin_id}/responses/[^"#]+)', unescape(page.text))
    assert found
    action = found[1]
    index = f"/checkins/{checkin_id}/responses"
    posts(arrives(installation, TEACHER), action.partition("?")[0], {"reply": "Come.", "kept": ""}, {})
    pressed = posts(teacher, action, {"mark": "heart", "reply": "", "kept": ""}, headers)
    if not headers:
        assert pressed.status_code == 303
        pressed = teacher.walker.get(index)
    assert shown(pressed, action) == ("Come.", "Come.", [])
    pressed = posts(teacher, action, {"mark": "star", "reply": "Half a", "kept": ""}, headers)
    assert shown(pressed, action) == ("Half a", "Come.", ["Come."])
    refused = posts(teacher, action, {"reply": "Stay.", "kept": ""}, headers)
    assert refused.status_code == 422 and "Meanwhile there is another reply" in refused.text
    assert shown(refused, action) == ("Stay.", "Come.", ["Come."])
    posts(teacher, action, {"reply": "", "kept": ""}, headers)
    assert shown(teacher.walker.get(index), action) == ("Come.", "Come.", [])
    posts(teacher, action, {"reply": "Stay.", "kept": "Come."}, headers)
    assert shown(teacher.walker.get(index), action) == ("Stay.", "Stay.", [])


def test_an_anonymous_checkin_offers_no_responses(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)
    checkin_id = teacher.asks("How was the trip?", anonymity="anonymous")
    assert not re.search(r"/checkins/\d+/responses", teacher.page.text)
    refused = teacher.walker.get(f"/checkins/{checkin_id}/responses")
    assert (refused.headers["reflect-error"], refused.status_code) == ("response_anonymous", 409)


def test_what_changed_is_told_at_home_and_above_the_next_question(installation: Installation) -> None:
    teacher, students, checkin_id = answered(installation)
    early = teacher.walker.get(f"/checkins/{checkin_id}/changes")
    assert (early.headers["reflect-error"], early.status_code) == ("checkin_open", 409)
    assert "Check this browser" not in early.text.partition("<main")[2].partition("</main>")[0]
    teacher.sends(f"/checkins/{checkin_id}/closures", {})
    teacher.goes_to(f"/checkins/{checkin_id}/changes")
    assert teacher.sends(f"/checkins/{checkin_id}/changes", {"change": "x" * 501}).status_code == 422
    teacher.sends(f"/checkins/{checkin_id}/changes", {"change": "Five quiet minutes."})
    teacher.page = teacher.walker.get("/courses/1")
    following = teacher.asks("And now?")
    student = students[0].walker
    for path in ("/courses/1", f"/checkins/{following}"):
        page = student.get(path).text
        assert "Five quiet minutes." in page and "How was the trip?" in page
    assert page.index("Five quiet minutes.") < page.index("And now?</bdi></h1>")
