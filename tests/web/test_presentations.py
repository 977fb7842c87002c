"""The wall over HTTP: live, nameless, and without results until they are revealed."""

import re
from collections.abc import Sequence

import pytest

from reflect.domain.forms import FORMS
from tests.installation import Installation
from tests.web.admin.portal import plain
from tests.web.dialogs import STUDENTS, TEACHER, Visit, arrives
from tests.web.test_rosters import teacher_with_roster

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def named_and_closed(running: Installation) -> tuple[Visit, int]:
    teacher = arrives(running, TEACHER)
    checkin_id = teacher.asks("How was the trip?", shared_with_class="on")
    for person, emotion in zip(STUDENTS[:5], ("calm", "happy", "tired", "sad", "curious"), strict=True):
        student = arrives(running, person)
        student.goes_to(f"/checkins/{checkin_id}")
        student.sends(f"/checkins/{checkin_id}/answers", {"choice": emotion})
    teacher.page = teacher.walker.get(f"/checkins/{checkin_id}")
    teacher.sends(f"/checkins/{checkin_id}/closures", {})
    return teacher, checkin_id


def test_results_come_only_once_they_are_revealed_and_never_with_a_name(installation: Installation) -> None:
    teacher, checkin_id = named_and_closed(installation)
    hidden = teacher.goes_to(f"/checkins/{checkin_id}/presentations")
    assert "wall-bars" not in hidden.text
    assert "Curious" not in hidden.text and "curious" not in hidden.text
    revealed = teacher.walker.get(f"{hidden.url.path}?{str(hidden.url.query, 'ascii')}&revealed=yes")
    assert revealed.text.count('class="wall-bar"') == 5
    for page in (hidden, revealed):
        for person in (*STUDENTS, TEACHER):
            name = installation.platform.school.person(person).name
            assert name.split()[-1] not in page.text
        assert "style=" not in page.text


def revealed(running: Installation, form: str, choices: Sequence[str]) -> str:
    """The wall of a closed check-in that was answered so."""
    teacher = arrives(running, TEACHER)
    checkin_id = teacher.asks("How was the trip?", shared_with_class="on", answer_form=form)
    for person, choice in zip(STUDENTS, choices, strict=False):
        student = arrives(running, person)
        student.goes_to(f"/checkins/{checkin_id}")
        student.sends(f"/checkins/{checkin_id}/answers", {"choice": choice})
    teacher.page = teacher.walker.get(f"/checkins/{checkin_id}")
    teacher.sends(f"/checkins/{checkin_id}/closures", {})
    hidden = teacher.goes_to(f"/checkins/{checkin_id}/presentations")
    return teacher.walker.get(f"{hidden.url.path}?{str(hidden.url.query, 'ascii')}&revealed=yes").text


@pytest.mark.parametrize(
    ("form", "place", "words"),
    [("faces", -1, "very good"), ("energy", -1, "full of energy"), ("scale", -1, "5"), ("faces", 0, "very bad")],
)
def test_what_nearly_everyone_chose_is_what_they_chose_wherever_the_form_has_it(
    installation: Installation, form: str, place: int, words: str
) -> None:
    page = revealed(installation, form, [FORMS[form].options[place].key] * 5)
    (nearly,) = re.findall(r'class="wall-nearly">.*?</p>', page, re.DOTALL)
    assert "Nearly everyone chose" in nearly and words in plain(nearly)


def test_of_a_grid_the_wall_shows_the_fields_that_were_chosen(installation: Installation) -> None:
    keys = [option.key for option in FORMS["grid"].options]
    chosen = [keys[24], keys[24], keys[24], keys[12], keys[12], keys[7]]
    page = revealed(installation, "grid", chosen)
    assert re.findall(r'class="wall-bar" id="wall-([^"]+)"', page) == [keys[24], keys[12], keys[7]]
    assert re.findall(r'class="wall-count">(\d+)', page) == ["3", "2", "1"]
    assert "other answer" not in page


def test_an_ordered_form_that_has_room_keeps_its_order_on_the_wall(installation: Installation) -> None:
    keys = [option.key for option in FORMS["faces"].options]
    page = revealed(installation, "faces", [keys[4], keys[4], keys[1], keys[0], keys[2]])
    assert re.findall(r'class="wall-bar" id="wall-([^"]+)"', page) == keys


def test_an_unchanged_wall_answers_304_and_a_new_answer_changes_it(installation: Installation) -> None:
    teacher = teacher_with_roster(installation)
    checkin_id = teacher.asks("How was the trip?", shared_with_class="on")
    cookie = "; ".join(f"{name}={kept.value}" for name, kept in teacher.walker.cookies.items())
    page = teacher.goes_to(f"/checkins/{checkin_id}/presentations")
    found = re.search(r'hx-get="([^"]+)" hx-trigger="every 2s"', page.text)
    assert found
    live = installation.base_url + found[1].replace("&amp;", "&")

    def look() -> int:
        headers = PART | {"Cookie": cookie, "If-None-Match": page.headers["etag"]}
        return teacher.walker.client.get(live, headers=headers).status_code

    assert look() == 304
    student = arrives(installation, STUDENTS[0])
    student.goes_to(f"/checkins/{checkin_id}")
    student.sends(f"/checkins/{checkin_id}/answers", {"choice": "calm"})
    assert look() == 200
