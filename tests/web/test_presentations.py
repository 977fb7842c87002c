"""The wall over HTTP: live, nameless, and without results until they are revealed."""

import re

from tests.installation import Installation
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
