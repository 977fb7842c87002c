"""Talks over HTTP: a student asks, adults of the course answer, and nobody else gets to know of it."""

import logging
import re
from collections.abc import Iterator
from html import unescape

import httpx2
import pytest
from sqlmodel import select

from reflect.demo.forging import alter_claims
from reflect.demo.people import role_uri
from reflect.storage.people import Person
from reflect.storage.talks import Talk, TalkAct
from reflect.web.logs import JsonLines
from tests.domain.privacy.test_log import Listener
from tests.installation import Installation
from tests.web.admin.portal import plain, signed_in
from tests.web.dialogs import Visit, arrives, stored
from tests.web.launching import assert_refused

WREN, INES, PIP = "3", "4", "5"
"""Two teachers, and an assistant who is a student in the other course."""
ZOE, QAMAR, MENTOR = "6", "7", "14"
OTHER_COURSE = ("3", "3")
ACTS = ("sightings", "closures", "handovers", "withdrawals")
MESSAGE = "It is about the <b>bridge</b>."


def query(visit: Visit) -> str:
    return visit.page.url.query.decode()


def number_of(running: Installation, sub: str) -> str:
    found = stored(running, lambda db: db.exec(select(Person.id).where(Person.sub == sub)).one())
    return str(found)


def staffed(running: Installation) -> Visit:
    """A course whose three adults have been there; the student's page of it."""
    for sub in (WREN, INES, PIP):
        arrives(running, sub)
    return arrives(running, ZOE)


def asks(student: Visit, adult: str = "", message: str = MESSAGE, urgency: str = "when_time") -> int:
    """Ask, from any page; the talk's id."""
    student.goes_to(r"/courses/\d+/talks")
    student.sends(r"/courses/\d+/talks", {"adult": adult, "message": message, "urgency": urgency})
    found = re.search(r"/talks/(\d+)", str(student.page.url))
    assert found, student.page.text
    return int(found[1])


def as_student(running: Installation, sub: str) -> Visit:
    """Somebody who has switched the LMS to the student's role."""
    roles = "https://purl.imsglobal.org/spec/lti/claim/roles"
    return arrives(running, sub, forge=alter_claims(lambda claims: claims | {roles: [role_uri("Learner")]}))


def words(visit: Visit) -> str:
    return plain(visit.page.text)


def test_every_page_of_a_student_leads_there_in_one_tap(installation: Installation) -> None:
    teacher = arrives(installation, WREN)
    checkin = teacher.asks("How was the ferry?")
    teacher.goes_to(r"/courses/\d+")
    later = teacher.asks("How was the pier?")
    student = arrives(installation, ZOE)
    address = r'<a class="talk-entry" href="/courses/\d+/talks\?tab='
    for path in ("/courses/1", f"/checkins/{checkin}"):
        assert re.search(address, student.walker.get(f"{path}?{query(student)}").text)
    student.walker.post(f"/checkins/{checkin}/answers?{query(student)}", {"choice": "calm"})
    teacher.walker.post(f"/checkins/{later}/closures?{query(teacher)}", {})
    for path in (f"/checkins/{checkin}", f"/checkins/{checkin}/answers/edit", f"/checkins/{later}", "/courses/1/talks"):
        assert re.search(address, student.walker.get(f"{path}?{query(student)}").text), path
    for visit in (teacher, arrives(installation, MENTOR)):
        assert "talk-entry" not in visit.page.text


def test_a_student_asks_and_sees_by_name_what_became_of_it(installation: Installation) -> None:
    student = staffed(installation)
    student.goes_to(r"/courses/\d+/talks")
    for name in ("Any of them", "Wren Storybook", "Inés Cuento Ñandú", "Pip Teatime"):
        assert name in words(student)
    talk = asks(student, number_of(installation, WREN), urgency="today")
    assert "To Wren Storybook" in words(student) and "Sent, not seen yet" in words(student)
    assert "It is about the &lt;b&gt;bridge" in student.page.text

    teacher = arrives(installation, WREN)
    assert "1 student would like to talk" in words(teacher) and "bridge" not in teacher.page.text
    teacher.goes_to(rf"/talks/{talk}")
    assert "Zoë Märchenwald would like to talk" in words(teacher) and "&lt;b&gt;bridge" in teacher.page.text
    teacher.sends(r"/talks/\d+/sightings", {"word": ""})
    teacher.sends(r"/talks/\d+/closures", {"word": "I’ll find you at break."})
    assert "Close it" not in words(teacher)

    student.goes_to(r"/courses/\d+/talks")
    assert "Closed with a word for you" in words(student)
    story = student.goes_to(rf"/talks/{talk}").text
    order = ["You sent it", "Wren Storybook opened it", "Wren Storybook says: I have seen it", "Wren Storybook closed it",
             "I’ll find you at break."]  # fmt: skip
    places = [unescape(story).index(one) for one in order]
    assert places == sorted(places)
    teacher = arrives(installation, WREN)
    assert "1 student would like" not in words(teacher)
    assert "Zoë Märchenwald" in teacher.goes_to(r"/courses/\d+/talks").text.partition("Closed")[2]


def test_handing_over_is_shown_and_closes_the_page_to_who_did_it(installation: Installation) -> None:
    student = staffed(installation)
    talk = asks(student)
    wren, ines = arrives(installation, WREN), arrives(installation, INES)
    wren.goes_to(rf"/talks/{talk}")
    wren.sends(r"/talks/\d+/handovers", {"to": number_of(installation, INES)})
    assert wren.page.status_code == 200 and "Nobody is waiting." in words(wren)
    assert_refused(wren.walker.get(f"/talks/{talk}?{query(wren)}"), "missing")
    assert "to you" in plain(ines.walker.get(f"/courses/1/talks?{query(ines)}").text)
    student.goes_to(r"/courses/\d+/talks")
    student.goes_to(rf"/talks/{talk}")
    assert "Wren Storybook handed it over to Inés Cuento Ñandú" in words(student)


def test_a_student_takes_back_what_nobody_has_seen(installation: Installation) -> None:
    student = staffed(installation)
    talk = asks(student)
    assert "Nobody has opened it." in words(student)
    student.sends(r"/talks/\d+/withdrawals", {})
    assert "What you have sent" not in words(student)
    assert installation.count(Talk, TalkAct) == [0, 0]
    talk = asks(student)
    teacher = arrives(installation, WREN)
    teacher.walker.post(f"/talks/{talk}/sightings?{query(teacher)}", {"word": ""})
    assert_refused(student.walker.post(f"/talks/{talk}/withdrawals?{query(student)}", {}), "talk_seen")
    assert "Take it back" not in plain(student.walker.get(f"/talks/{talk}?{query(student)}").text)


def test_a_form_with_faults_comes_back_with_what_was_written(installation: Installation) -> None:
    student = staffed(installation)
    student.goes_to(r"/courses/\d+/talks")
    page = student.sends(r"/courses/\d+/talks", {"adult": "", "message": "x" * 501, "urgency": "today"})
    assert page.status_code == 422 and "Use at most 500 characters." in page.text and "x" * 501 in page.text
    assert re.search(r'value="today" checked', page.text)
    page = student.sends(r"/courses/\d+/talks", {"adult": "999"})
    assert page.status_code == 422 and "Choose one of the options." in page.text
    assert installation.count(Talk) == [0]
    talk = asks(student)
    visit = arrives(installation, WREN)
    visit.goes_to(rf"/talks/{talk}")
    page = visit.sends(r"/talks/\d+/closures", {"word": "y" * 501})
    assert page.status_code == 422 and "y" * 501 in page.text
    page = visit.sends(r"/talks/\d+/handovers", {"to": number_of(installation, ZOE)})
    assert page.status_code == 422 and "Choose one of the options." in page.text


def test_no_button_costs_the_word_that_is_being_written(installation: Installation) -> None:
    talk = asks(staffed(installation))
    teacher, to = arrives(installation, WREN), number_of(installation, INES)
    teacher.goes_to(rf"/talks/{talk}")
    fields = {"word": "<At> break.", "to": to}
    page = teacher.sends(r"/talks/\d+/sightings", fields)
    assert page.status_code == 200 and "says: I have seen it" in words(teacher)
    assert "&lt;At&gt; break.</textarea>" in page.text and f'value="{to}" selected' in page.text
    page = teacher.sends(r"/talks/\d+/handovers", fields)
    assert page.status_code == 422 and "Clear this field to hand it over." in page.text
    assert "&lt;At&gt; break.</textarea>" in page.text and f'value="{to}" selected' in page.text
    teacher.sends(r"/talks/\d+/handovers", fields | {"word": " "})
    assert "Nobody is waiting." in words(teacher)


@pytest.mark.parametrize(("act", "status"), [("closures", 422), ("sightings", 200)])
def test_who_comes_after_a_colleague_has_closed_it_gets_their_word_back(
    installation: Installation, act: str, status: int
) -> None:
    student = staffed(installation)
    talk = asks(student)
    first, second = arrives(installation, WREN), arrives(installation, INES)
    for adult in (first, second):
        adult.goes_to(rf"/talks/{talk}")
    first.sends(r"/talks/\d+/closures", {"word": "By the oak."})
    page = second.sends(rf"/talks/\d+/{act}", {"word": "I’ll <find> you."})
    assert page.status_code == status
    assert "Nothing was sent" in words(second) and "I’ll &lt;find&gt; you." in page.text
    assert "Wren Storybook closed it" in words(second) and "By the oak." in words(second)
    student.goes_to(r"/courses/\d+/talks")
    story = student.goes_to(rf"/talks/{talk}")
    assert "By the oak." in story.text and "find" not in story.text.partition("<main")[2]


def test_the_sixth_is_refused_and_the_page_says_so_before(installation: Installation) -> None:
    student = staffed(installation)
    for number in range(5):
        asks(student, message=f"{number}")
    student.goes_to(r"/courses/\d+/talks")
    assert "there cannot be more at once" in words(student) and "<textarea" not in student.page.text
    refused = student.walker.post(f"/courses/1/talks?{query(student)}", {"message": "one more"})
    assert_refused(refused, "talks_too_many")


def test_a_teacher_who_looks_as_a_student_sends_nothing(installation: Installation) -> None:
    arrives(installation, WREN)
    looking = as_student(installation, WREN)
    looking.goes_to(r"/courses/\d+/talks")
    assert "nothing will be sent or kept" in words(looking)
    looking.sends(r"/courses/\d+/talks", {"message": "Trying."})
    assert "Nothing was sent" in words(looking)
    assert installation.count(Talk) == [0]


@pytest.fixture
def matrix(installation: Installation) -> tuple[Installation, int]:
    """A student's wish to talk to one of the teachers."""
    student = staffed(installation)
    return installation, asks(student, number_of(installation, WREN))


@pytest.mark.parametrize(
    ("sub", "place", "page", "acts"),
    [
        (WREN, ("2", "1"), None, (None, None, None, "not_allowed")),
        (INES, ("2", "1"), "missing", ("missing", "missing", "missing", "not_allowed")),
        (PIP, ("2", "1"), "missing", ("missing", "missing", "missing", "not_allowed")),
        (ZOE, ("2", "1"), None, ("not_allowed", "not_allowed", "not_allowed", None)),
        (QAMAR, ("2", "1"), "missing", ("not_allowed", "not_allowed", "not_allowed", "missing")),
        (MENTOR, ("2", "1"), "not_allowed", ("not_allowed", "not_allowed", "not_allowed", "not_allowed")),
        (INES, OTHER_COURSE, "missing", ("missing", "missing", "missing", "not_allowed")),
        (PIP, OTHER_COURSE, "missing", ("not_allowed", "not_allowed", "not_allowed", "missing")),
        (ZOE, OTHER_COURSE, "missing", ("not_allowed", "not_allowed", "not_allowed", "missing")),
    ],
)
def test_each_address_is_open_to_exactly_these(
    matrix: tuple[Installation, int],
    sub: str,
    place: tuple[str, str],
    page: str | None,
    acts: tuple[str | None, ...],
) -> None:
    running, talk = matrix
    visit = arrives(running, sub, *place)
    shown = visit.walker.get(f"/talks/{talk}?{query(visit)}")
    if page is None:
        assert shown.status_code == 200 and "&lt;b&gt;bridge" in shown.text
    else:
        assert_refused(shown, page)
        assert "bridge" not in shown.text and running.count(TalkAct) == [0]
    before = running.count(Talk, TalkAct)
    for act, code in zip(ACTS, acts, strict=True):
        if code is not None:
            fields = {"to": number_of(running, PIP), "word": "No."}
            assert_refused(visit.walker.post(f"/talks/{talk}/{act}?{query(visit)}", fields), code)
    assert running.count(Talk, TalkAct) == before


@pytest.mark.parametrize(
    ("sub", "place", "lists", "asking"),
    [
        (WREN, ("2", "1"), True, "not_allowed"),
        (PIP, ("2", "1"), False, "not_allowed"),
        (QAMAR, ("2", "1"), False, None),
        (MENTOR, ("2", "1"), "not_allowed", "not_allowed"),
        (INES, OTHER_COURSE, "missing", "missing"),
        (ZOE, OTHER_COURSE, "missing", "missing"),
    ],
)
def test_the_list_is_open_to_exactly_these(
    matrix: tuple[Installation, int], sub: str, place: tuple[str, str], lists: bool | str, asking: str | None
) -> None:
    running, _ = matrix
    visit = arrives(running, sub, *place)
    listed = visit.walker.get(f"/courses/1/talks?{query(visit)}")
    if isinstance(lists, str):
        assert_refused(listed, lists)
    else:
        assert listed.status_code == 200 and ("Zoë" in listed.text) == lists and "bridge" not in listed.text
    if asking is not None:
        assert_refused(visit.walker.post(f"/courses/1/talks?{query(visit)}", {"message": "Me too."}), asking)
        assert running.count(Talk) == [1]


def test_without_a_session_there_is_nothing(matrix: tuple[Installation, int]) -> None:
    running, talk = matrix
    walker = running.walker()
    assert walker.get("/courses/1/talks").status_code == walker.get(f"/talks/{talk}").status_code == 401
    for act in ACTS:
        assert_refused(walker.post(f"/talks/{talk}/{act}", {"word": "Mine."}), "session_missing")


def test_the_inbox_asks_again_and_is_told_when_nothing_has_changed(matrix: tuple[Installation, int]) -> None:
    running, talk = matrix
    teacher = arrives(running, WREN)
    address = f"/courses/1/talks?{query(teacher)}"
    first = look(teacher, address)
    assert first.status_code == 200 and "<main" not in first.text and "bridge" not in first.text
    again = look(teacher, address, first.headers["etag"])
    assert again.status_code == 304 and not again.content
    teacher.walker.post(f"/talks/{talk}/sightings?{query(teacher)}", {"word": ""})
    changed = look(teacher, address, first.headers["etag"])
    assert changed.status_code == 200 and changed.headers["etag"] != first.headers["etag"]


def look(visit: Visit, address: str, known: str = "") -> httpx2.Response:
    """Ask for a part of a page as htmx does, perhaps knowing one already."""
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "If-None-Match": known}
    return visit.walker._send("GET", address, {}, headers)


def test_nothing_of_it_is_beside_an_answer(installation: Installation) -> None:
    teacher = arrives(installation, WREN)
    checkin = teacher.asks("How was the ferry?")
    student = arrives(installation, ZOE)
    student.walker.post(f"/checkins/{checkin}/answers?{query(student)}", {"choice": "calm"})
    talk = asks(student)
    for path in (f"/checkins/{checkin}", f"/checkins/{checkin}/results"):
        results = teacher.walker.get(f"{path}?{query(teacher)}").text.partition("<main")[2]
        assert "Zoë" in results and "bridge" not in results and "talk" not in results
    own = student.walker.get(f"/checkins/{checkin}?{query(student)}").text.partition("<main")[2]
    assert "calm" in own and "bridge" not in own and "talk" not in own
    assert "calm" not in plain(teacher.walker.get(f"/talks/{talk}?{query(teacher)}").text)


@pytest.fixture
def listener() -> Iterator[Listener]:
    root, listener = logging.getLogger(), Listener()
    root.addHandler(listener)
    yield listener
    root.removeHandler(listener)


def test_the_log_has_nothing_of_it(installation: Installation, listener: Listener) -> None:
    student = staffed(installation)
    talk = asks(student)
    teacher, other = arrives(installation, WREN), arrives(installation, QAMAR)
    teacher.walker.post(f"/talks/{talk}/closures?{query(teacher)}", {"word": "At the oak."})
    assert_refused(other.walker.get(f"/talks/{talk}?{query(other)}"), "missing")
    lines = "\n".join(JsonLines().format(one) for one in listener.records if one.name.startswith("reflect"))
    assert '"missing"' in lines
    for secret in ("bridge", "oak", "Zoë", "Märchenwald", "Wren", "tab="):
        assert secret not in lines


def test_before_sending_a_student_is_told_who_is_there_and_whom_to_call(installation: Installation) -> None:
    student = staffed(installation)
    before = plain(student.goes_to(r"/courses/\d+/talks").text)
    assert "your message is read when an adult next opens Reflect" in before
    assert "If you are in danger now, call your emergency number or tell an adult near you." in before

    portal = signed_in(installation)
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), "00:00–24:00")
    portal.post("/admin/crisis-lines", line_name="Listening line", contact="08081 570000")
    portal.post("/admin/support", hours_zone="Europe/London", **week)
    there = student.goes_to(r"/courses/\d+/talks").text
    assert "An adult is usually there now, until" in plain(there) and 'href="#cannot-wait"' in there
    assert there.index('<form class="talk-form"') < there.index('id="cannot-wait"')
    portal.post("/admin/support", hours_zone="Europe/London", back_on="2100-01-04", **week)
    away = student.goes_to(r"/courses/\d+/talks").text
    assert "An adult is usually there again on Monday, January 4, 2100, 12:00" in plain(away)
    assert "(time in London)" in plain(away)
    assert away.index('id="cannot-wait"') < away.index('<form class="talk-form"')
    assert 'href="tel:08081570000"' in away and "Listening line" in away


def test_the_way_to_a_talk_is_on_pages_for_anybody_and_on_refusals_too_and_for_students_only(
    installation: Installation,
) -> None:
    student, teacher, mentor = (arrives(installation, sub) for sub in (ZOE, WREN, MENTOR))
    closed = teacher.asks("Over?")
    teacher.sends(r"/checkins/\d+/closures", {})
    nobody = installation.walker()

    def pages(visit: Visit) -> dict[str, httpx2.Response]:
        tab = query(visit)
        return {
            "missing": visit.walker.get(f"/checkins/999?{tab}"),
            "missing, no page": visit.walker.get(f"/nowhere?{tab}"),
            "not_allowed or there": visit.walker.get(f"/courses/1/archivals?{tab}"),
            "checkin_closed": visit.walker.post(f"/checkins/{closed}/answers?{tab}", {"choice": "calm"}),
            "form": visit.walker.post(f"/checkins/{closed}/answers?{tab}", {f"x{n}": "" for n in range(60)}),
            "privacy": visit.walker.get(f"/privacy?{tab}"),
            "questions": visit.walker.get(f"/questions?{tab}"),
        }

    found = pages(student)
    assert_refused(found["checkin_closed"], "checkin_closed")
    assert_refused(found["form"], "form")
    for name, page in found.items():
        assert f'class="talk-entry" href="/courses/1/talks?{query(student)}"' in page.text, name
    for visit in (teacher, mentor, Visit(installation, nobody, nobody.get("/"))):
        assert not any("talk-entry" in page.text for page in pages(visit).values())
    for path in ("/c/01234567", "/admin/nothing", "/lti/launch"):
        assert "talk-entry" not in student.walker.get(path).text
        assert "Zoe" not in student.walker.get(path).text
    student.walker.post(f"/sessions/end?{query(student)}", {})
    assert not any("talk-entry" in page.text for page in pages(student).values())
