"""The gradebook over HTTP (row G42): each mark once, whatever the platform does, and never a word too early."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from reflect.demo import faults
from reflect.demo.claims import GRADES
from reflect.demo.faults import Answer
from reflect.demo.forging import alter_claims, claim
from reflect.demo.gradebook import Column
from reflect.demo.gradebook import Score as Taken
from reflect.domain.gradebooks import BACK_OFF
from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course
from reflect.storage.database import Database
from reflect.storage.people import Person
from reflect.storage.services import CourseService, LineItem, Score, late_scores
from reflect.web import gradebooks
from reflect.web.gradebooks import deliver
from reflect.web.house import House, build
from tests.installation import Installation, tool_at
from tests.web.dialogs import (
    STUDENTS,
    TEACHER,
    Visit,
    arrives,
    delivered,
    house_of,
    newest_activity,
    opens_dialog,
    picks,
    stored,
    until,
)
from tests.web.launching import amend

TEACHING = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


def marked(running: Installation, anonymity: str = "named") -> int:
    """A check-in that was added to the course with a column of the gradebook."""
    dialog = opens_dialog(running)
    checkin = dialog.asks("How was the boat?", anonymity=anonymity)
    delivered(picks(dialog, checkin, gives_mark="yes"))
    return checkin


def answers(running: Installation, person: str, checkin: int, emotion: str = "calm", activity: str = "1") -> Visit:
    student = arrives(running, person, activity=activity)
    if student.page.url.path != f"/checkins/{checkin}":
        student.goes_to(f"/checkins/{checkin}")
    student.sends(r"/checkins/\d+/answers", {"choice": emotion})
    return student


def closes(running: Installation, checkin: int) -> None:
    teacher = arrives(running, TEACHER)
    teacher.goes_to(f"/checkins/{checkin}")
    teacher.sends(f"/checkins/{checkin}/closures", {})


def received(running: Installation) -> list[tuple[str, float | None]]:
    """Who got which mark, in the order of the platform's taking them."""
    return [(score.user_id, score.given) for _, score in list(running.platform.gradebook.received)]


def send(running: Installation, **later: float) -> int:
    """One round of delivery by another worker, whose clock may be ahead."""
    return asyncio.run(deliver(house_of(running, **later)))


def outbox(running: Installation) -> list[Score]:
    return stored(running, lambda db: list(db.exec(select(Score).order_by(col(Score.person_id))).all()))


def due(running: Installation, checkin: int, *people: str, minutes: float = 10) -> None:
    """Marks that wait for a worker whose clock is ahead, and that the server's own, which works by the way, leaves
    alone."""

    def work(db: Session) -> None:
        of_course = select(Course).join(Checkin, col(Checkin.course_id) == col(Course.id))
        course = db.exec(of_course.where(col(Checkin.id) == checkin)).one()
        for sub in people:
            person = db.exec(
                select(Person).where(Person.sub == sub, Person.deployment_id == course.deployment_id)
            ).one()
            due_at = datetime.now(UTC) + timedelta(minutes=minutes)
            db.add(Score(checkin_id=checkin, person_id=person.id, due_at=due_at))

    running.database.write_now(work)


def unmarked(running: Installation, *people: str) -> int:
    """A check-in without any mark, in whose course these people are known."""
    for person in people:
        arrives(running, person)
    return with_roster(running).asks("How was the moon?")


def with_roster(running: Installation) -> Visit:
    """A teacher in the course, after the rosters that this let come by themselves: they ask for tokens, too."""
    teacher = arrives(running, TEACHER)
    services = select(CourseService)
    until(lambda: stored(running, lambda db: all(one.roster_fetched_at for one in db.exec(services))))
    return teacher


def breaks_over(monkeypatch: pytest.MonkeyPatch, running: Installation, *checkins: int) -> None:
    """Let the platform answer with 500 whenever it is sent a mark of these, as Moodle does where a column is locked."""
    columns, broken = running.platform.gradebook.columns, {f"checkin-{checkin}" for checkin in checkins}

    async def locked(request: Request, answer: Answer) -> Response:
        is_locked = columns[request.path_params["item"]].resource_id in broken
        return await faults.FAULTS["500"](request, answer) if is_locked else await answer(request)

    monkeypatch.setitem(faults.FAULTS, "locked", locked)
    running.platform.faults["scores"] = "locked"


def test_a_named_answer_is_marked_once(installation: Installation) -> None:
    checkin = marked(installation)
    answers(installation, "6", checkin)
    send(installation)
    until(lambda: received(installation))
    student = arrives(installation, "6")
    student.goes_to(f"/checkins/{checkin}")
    student.page = student.walker.get(f"/checkins/{checkin}/answers/edit?{student.page.url.query.decode()}")
    student.sends(r"/checkins/\d+/answers", {"choice": "sad"})
    send(installation, minutes=1)
    assert received(installation) == [("6", 1.0)]


def test_a_mark_says_that_somebody_took_part_and_nothing_else(installation: Installation) -> None:
    checkin = marked(installation)
    before = datetime.now(UTC)
    answers(installation, "6", checkin)
    send(installation)
    until(lambda: received(installation))
    ((column, score),) = installation.platform.gradebook.received
    assert before <= score.at <= datetime.now(UTC)
    assert score == Taken("6", score.at, 1.0, 1.0, "Completed", "FullyGraded")
    label = installation.platform.gradebook.columns[column].label
    assert label == "How was the boat?"


def test_the_column_of_the_activity_is_used_even_before_anybody_opened_it(installation: Installation) -> None:
    checkin = marked(installation)
    answers(installation, "6", checkin)
    send(installation)
    until(lambda: received(installation))
    assert list(installation.platform.gradebook.columns) == [newest_activity(installation).line_item]


def test_the_gradebook_page_of_the_campus_shows_it(installation: Installation) -> None:
    checkin = marked(installation)
    answers(installation, "6", checkin)
    send(installation)
    until(lambda: received(installation))
    walker = installation.walker()
    page = walker.client.get(f"{installation.platform.base_url}/courses/2/gradebook?as={TEACHER}").text
    assert page.count("1 / 1") == 1


def test_a_check_in_made_in_the_course_gives_marks_where_asked(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)
    teacher.goes_to(r"/courses/\d+/checkins/new")
    assert 'name="gives_mark"' in teacher.page.text
    teacher = arrives(installation, TEACHER)
    checkin = teacher.asks("How was the moon?", gives_mark="yes")
    answers(installation, "6", checkin)
    send(installation)
    until(lambda: received(installation))
    (column,) = installation.platform.gradebook.columns.values()
    assert (column.label, column.resource_id, column.activity) == ("How was the moon?", f"checkin-{checkin}", "")


def test_without_a_gradebook_none_is_offered(installation: Installation) -> None:
    bare = alter_claims(lambda right: {name: value for name, value in right.items() if name != GRADES})
    teacher = arrives(installation, TEACHER, forge=bare)
    teacher.goes_to(r"/courses/\d+/checkins/new")
    assert "gives_mark" not in teacher.page.text
    teacher = arrives(installation, TEACHER, forge=bare)
    checkin = teacher.asks("How was the moon?", gives_mark="yes")
    answers(installation, "6", checkin)
    assert outbox(installation) == []


@pytest.mark.parametrize("missing", ["lineitem", "score"])
def test_where_no_column_can_be_made_and_filled_none_is_offered(installation: Installation, missing: str) -> None:
    """Open edX, as it comes, takes marks only for the one column of a block, which it makes itself."""

    def withhold(right: dict[str, Any]) -> dict[str, Any]:
        scopes = [it for it in right[GRADES]["scope"] if not it.endswith(f"/{missing}")]
        return {**right, GRADES: {**right[GRADES], "scope": scopes}}

    teacher = arrives(installation, TEACHER, forge=alter_claims(withhold))
    teacher.goes_to(r"/courses/\d+/checkins/new")
    assert "gives_mark" not in teacher.page.text
    checkin = arrives(installation, TEACHER, forge=alter_claims(withhold)).asks("How was the moon?", gives_mark="yes")
    answers(installation, "6", checkin)
    assert outbox(installation) == []


def test_without_asking_nobody_is_marked(installation: Installation) -> None:
    checkin = arrives(installation, TEACHER).asks("How was the moon?")
    answers(installation, "6", checkin)
    assert outbox(installation) == []


def test_who_answered_before_the_column_was_asked_for_is_marked_too(installation: Installation) -> None:
    checkin = arrives(installation, TEACHER).asks("How was the moon?")
    answers(installation, "6", checkin)
    delivered(picks(opens_dialog(installation), checkin, gives_mark="yes"))
    answers(installation, "7", checkin)
    send(installation)
    until(lambda: len(received(installation)) == 2)
    assert sorted(received(installation)) == [("6", 1.0), ("7", 1.0)]


def test_of_an_anonymous_check_in_nothing_is_sent_before_it_closes(installation: Installation) -> None:
    checkin = marked(installation, "anonymous")
    for person in STUDENTS[:5]:
        answers(installation, person, checkin, activity=newest_activity(installation).id)
        send(installation, hours=1)
    assert outbox(installation) == []
    assert received(installation) == []
    closes(installation, checkin)
    rows = outbox(installation)
    assert len(rows) == 5
    assert len({row.due_at for row in rows}) == 1 or all(row.sent_at for row in rows)
    send(installation)
    until(lambda: len(received(installation)) == 5)
    assert {who for who, _ in received(installation)} == set(STUDENTS[:5])


def test_the_marks_of_an_anonymous_check_in_come_in_no_telling_order(installation: Installation) -> None:
    for person in STUDENTS[:5]:
        arrives(installation, person)
    checkin = marked(installation, "anonymous")
    for person in reversed(STUDENTS[:5]):
        answers(installation, person, checkin)
    closes(installation, checkin)
    send(installation)
    until(lambda: len(received(installation)) == 5)
    assert [who for who, _ in received(installation)] == list(STUDENTS[:5]), "by person, not by answer"


def test_an_anonymous_check_in_linked_after_its_close_marks_all_at_once(installation: Installation) -> None:
    checkin = arrives(installation, TEACHER).asks("How was the storm?", anonymity="anonymous")
    for person in STUDENTS[:3]:
        answers(installation, person, checkin)
    closes(installation, checkin)
    assert outbox(installation) == []
    delivered(picks(opens_dialog(installation), checkin, gives_mark="yes"))
    assert len(outbox(installation)) == 3


def test_a_teacher_who_looks_as_a_student_gets_no_mark(installation: Installation) -> None:
    checkin = marked(installation)
    arrives(installation, TEACHER)
    preview = arrives(installation, TEACHER, forge=claim("roles", [f"{TEACHING}Learner"]))
    preview.goes_to(f"/checkins/{checkin}")
    preview.sends(r"/checkins/\d+/answers", {"choice": "calm"})
    assert outbox(installation) == []
    assert send(installation, hours=1) == 0


FAULTS = [("scores", "401"), ("scores", "403"), ("scores", "404"), ("scores", "429"), ("scores", "500"),
          ("scores", "redirecting"), ("scores", "50 MB"), ("token", "401"), ("token", "403"), ("token", "404"),
          ("token", "429"), ("token", "500"), ("token", "redirecting"), ("token", "truncated"), ("token", "html"),
          ("token", "50 MB")]  # fmt: skip


@pytest.mark.parametrize(("service", "fault"), FAULTS)
def test_a_fault_of_the_platform_is_waited_out(installation: Installation, service: str, fault: str) -> None:
    checkin = marked(installation)
    # The column is known, so that the fault meets the score itself.
    arrives(installation, "7", activity=newest_activity(installation).id)
    installation.platform.faults[service] = fault
    answers(installation, "6", checkin)
    send(installation)
    (row,) = until(lambda: [row for row in outbox(installation) if row.tries == 1])
    assert row.fault and row.sent_at is None
    assert send(installation) == 0, "not before its time"
    installation.platform.faults.clear()
    later = 125 if fault == "429" else BACK_OFF[0].total_seconds() + 5
    if fault == "429":
        assert send(installation, seconds=65) == 0, "the platform asked for two minutes"
    assert send(installation, seconds=later) == 1
    assert received(installation) == [("6", 1.0)]
    assert outbox(installation)[0].sent_at


@pytest.mark.parametrize(
    "fault",
    ["401", "403", "404", "429", "500", "malformed link", "link elsewhere", "truncated", "half",
     "redirecting", "50 MB", "html"],
)  # fmt: skip
def test_a_list_of_columns_that_fails_makes_no_second_column(installation: Installation, fault: str) -> None:
    gradebook = installation.platform.gradebook
    checkin = with_roster(installation).asks("How was the moon?", gives_mark="yes")
    ours = {"label": "How was the moon?", "scoreMaximum": 1, "resourceId": f"checkin-{checkin}", "tag": "took-part"}
    gradebook.add("2", installation.tool.client_id, ours)
    (column,) = gradebook.columns
    installation.platform.faults["lineitems"] = fault
    answers(installation, "6", checkin)
    send(installation)
    until(lambda: [row for row in outbox(installation) if row.tries == 1 and row.fault])
    assert (list(gradebook.columns), received(installation)) == ([column], [])
    assert installation.platform.requests["/jwks/bait"] == 0
    installation.platform.faults.clear()
    assert send(installation, minutes=3) == 1
    assert [where for where, _ in gradebook.received] == list(gradebook.columns) == [column]


def test_each_failure_waits_longer(installation: Installation) -> None:
    checkin = marked(installation)
    installation.platform.faults["scores"] = "500"
    answers(installation, "6", checkin)
    send(installation)
    until(lambda: outbox(installation)[0].tries == 1)
    ahead = 0.0
    for tries, wait in enumerate(BACK_OFF[:3], 1):
        ahead += wait.total_seconds() + 5
        send(installation, seconds=ahead)
        assert outbox(installation)[0].tries == tries + 1


def test_a_mark_that_the_platform_has_already_is_settled(installation: Installation) -> None:
    """The answer to the first try was lost on the way; the platform then says 409 to the second."""
    checkin = marked(installation)
    column = installation.platform.gradebook.columns[newest_activity(installation).line_item]
    future = datetime(2100, 1, 1, tzinfo=UTC)
    installation.platform.gradebook.take(column, Taken("6", future, 1.0, 1.0, "Completed", "FullyGraded"))
    answers(installation, "6", checkin)
    send(installation)
    assert until(lambda: outbox(installation)[0].sent_at)
    assert len(received(installation)) == 1


def test_a_mark_whose_taking_was_not_heard_of_is_sent_again_and_changes_nothing(installation: Installation) -> None:
    checkin = marked(installation)
    installation.platform.faults["scores"] = "500 though done"
    answers(installation, "6", checkin)
    send(installation)
    until(lambda: outbox(installation)[0].tries)
    installation.platform.faults.clear()
    assert send(installation, minutes=2) == 1
    assert received(installation) == [("6", 1.0), ("6", 1.0)]
    assert len(installation.platform.gradebook.scores) == 1


def test_a_column_that_is_gone_is_made_again(installation: Installation) -> None:
    checkin = marked(installation)
    activity = newest_activity(installation)
    arrives(installation, "7", activity=activity.id)
    installation.platform.gradebook.remove(activity.line_item)
    answers(installation, "6", checkin)
    send(installation)
    until(lambda: received(installation))
    (column,) = installation.platform.gradebook.columns.values()
    assert (column.resource_id, column.tag) == (f"checkin-{checkin}", "took-part")
    kept = stored(installation, lambda db: db.get_one(LineItem, checkin).url)
    assert kept and column.id in kept


def test_a_column_that_is_made_again_gets_the_marks_of_the_old_one_once(installation: Installation) -> None:
    checkin = marked(installation)
    activity = newest_activity(installation)
    arrives(installation, "7", activity=activity.id)
    for person in ("6", "7"):
        answers(installation, person, checkin)
    send(installation)
    until(lambda: len(received(installation)) == 2)
    gradebook = installation.platform.gradebook
    before = dict(gradebook.scores)
    gradebook.remove(activity.line_item)
    answers(installation, "8", checkin)
    until(lambda: send(installation, seconds=2) or len(received(installation)) == 5)
    (column,) = gradebook.columns.values()
    until(lambda: {who for at, who in gradebook.scores if at == column.id} == {"6", "7", "8"})
    for (_, who), score in before.items():
        assert gradebook.scores[column.id, who].at >= score.at + timedelta(seconds=1)
    assert send(installation, hours=1) == 0
    assert sorted(received(installation)) == [(who, 1.0) for who in ("6", "6", "7", "7", "8")]


def test_an_activity_that_was_deleted_with_its_column_and_placed_again_has_its_marks(
    installation: Installation,
) -> None:
    """Of a closed check-in nothing is left to send: the loss shows when it is placed with a mark again."""
    checkin = marked(installation, "anonymous")
    activity = newest_activity(installation)
    for person in STUDENTS[:4]:
        answers(installation, person, checkin, activity=activity.id)
    closes(installation, checkin)
    send(installation)
    until(lambda: len(received(installation)) == 4)
    installation.platform.gradebook.remove(activity.line_item)
    assert send(installation, hours=1) == 0
    delivered(picks(opens_dialog(installation), checkin, gives_mark="yes"))
    assert len({row.due_at for row in outbox(installation)}) == 1 or not any(
        row.is_waiting for row in outbox(installation)
    )
    until(lambda: send(installation, seconds=2) or len(received(installation)) == 8)
    (column,) = installation.platform.gradebook.columns.values()
    assert {who for at, who in installation.platform.gradebook.scores if at == column.id} == set(STUDENTS[:4])


def test_a_column_among_many_is_found_on_a_later_page(installation: Installation) -> None:
    gradebook = installation.platform.gradebook
    for number in range(7):
        gradebook.add("2", installation.tool.client_id, {"label": f"Essay {number}", "scoreMaximum": 10})
    checkin = marked(installation)
    answers(installation, "6", checkin)
    send(installation)
    until(lambda: received(installation))
    assert gradebook.received[0][0] == newest_activity(installation).line_item
    assert len(gradebook.columns) == 8


def test_the_column_of_a_class_is_looked_for_once(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    gradebook, of_course = installation.platform.gradebook, installation.platform.gradebook.of_course
    looks: list[str] = []

    def look(course: str) -> list[Column]:
        looks.append(course)
        return of_course(course)

    monkeypatch.setattr(gradebook, "of_course", look)
    checkin = marked(installation, "anonymous")
    for person in STUDENTS:
        answers(installation, person, checkin)
    closes(installation, checkin)
    send(installation)
    until(lambda: len(received(installation)) == len(STUDENTS))
    assert looks == ["2"]


def test_two_workers_deliver_each_mark_once(installation: Installation) -> None:
    checkin = marked(installation)
    installation.platform.faults["scores"] = "500"
    for person in STUDENTS:
        answers(installation, person, checkin)
    send(installation)
    soon = datetime.now(UTC) + timedelta(minutes=2)
    until(lambda: all(datetime.now(UTC) < row.due_at < soon for row in outbox(installation)))
    installation.platform.faults.clear()

    async def together(*houses: House) -> list[int]:
        return list(await asyncio.gather(*(deliver(house) for house in houses)))

    houses = [house_of(installation, minutes=2) for _ in range(4)]
    assert sum(asyncio.run(together(*houses))) == len(STUDENTS)
    assert sorted(who for who, _ in received(installation)) == sorted(STUDENTS)


def test_the_outbox_survives_a_restart(installation: Installation, database_url: str) -> None:
    checkin = marked(installation)
    installation.platform.faults["scores"] = "500"
    answers(installation, "6", checkin)
    send(installation)
    until(lambda: outbox(installation)[0].tries)
    installation.platform.faults.clear()
    started_later = Database(database_url)
    house = replace(build(installation.settings, started_later), now=lambda: datetime.now(UTC) + timedelta(minutes=2))
    assert asyncio.run(deliver(house)) == 1
    started_later.close()
    assert received(installation) == [("6", 1.0)]


def test_marks_wait_while_the_platform_is_switched_off(installation: Installation) -> None:
    checkin = marked(installation)
    installation.platform.faults["scores"] = "500"
    answers(installation, "6", checkin)
    send(installation)
    until(lambda: outbox(installation)[0].tries)
    installation.platform.faults.clear()
    amend(installation, 1, is_enabled=False)
    assert send(installation, minutes=2) == 0
    amend(installation, 1, is_enabled=True)
    assert send(installation, minutes=2) == 0, "taken by the round before, and back after its lease"
    assert send(installation, minutes=8) == 1


def test_marks_are_delivered_by_the_way_while_serving(installation: Installation) -> None:
    checkin = marked(installation)
    answers(installation, "6", checkin)
    assert until(lambda: received(installation)) == [("6", 1.0)]


def test_the_column_of_a_placed_link_is_left_to_the_platform(installation: Installation) -> None:
    """Moodle makes it when the teacher has filled in the activity and saves; one of ours would be a second."""
    checkin, gradebook = unmarked(installation), installation.platform.gradebook
    answers(installation, "6", checkin)
    dialog = picks(opens_dialog(installation), checkin, gives_mark="yes")
    soon = datetime.now(UTC) + timedelta(minutes=2)
    until(lambda: all(datetime.now(UTC) < row.due_at < soon for row in outbox(installation)))
    assert send(installation, minutes=14) == 0
    assert installation.platform.requests["lineitems"]
    (row,) = outbox(installation)
    assert (gradebook.columns, row.is_waiting, row.tries, row.fault) == ({}, True, 0, "")
    ahead = datetime.now(UTC) + timedelta(minutes=14)
    assert stored(installation, lambda db: late_scores(db, ahead)) == 0
    delivered(dialog)
    until(lambda: send(installation, minutes=14, seconds=40) or received(installation))
    assert received(installation) == [("6", 1.0)]
    assert list(gradebook.columns) == [newest_activity(installation).line_item]


def test_an_activity_that_is_never_saved_is_waited_for_a_quarter_of_an_hour(installation: Installation) -> None:
    checkin = arrives(installation, TEACHER).asks("How was the moon?")
    answers(installation, "6", checkin)
    picks(opens_dialog(installation), checkin, gives_mark="yes")
    assert until(lambda: send(installation, minutes=21)) == 1
    (column,) = installation.platform.gradebook.columns.values()
    assert column.activity == ""


def test_a_platform_that_made_no_column_is_not_waited_for_once_the_link_is_opened(installation: Installation) -> None:
    gradebook = installation.platform.gradebook
    checkin = arrives(installation, TEACHER).asks("How was the moon?")
    arrives(installation, "6")
    delivered(picks(opens_dialog(installation), checkin, gives_mark="yes"))
    activity = newest_activity(installation)
    gradebook.remove(activity.line_item)
    due(installation, checkin, "6", minutes=2)
    assert send(installation, minutes=3) == 0
    assert gradebook.columns == {}

    def without_column(right: dict[str, Any]) -> dict[str, Any]:
        return {**right, GRADES: {name: value for name, value in right[GRADES].items() if name != "lineitem"}}

    arrives(installation, "7", activity=activity.id, forge=alter_claims(without_column))
    assert send(installation, minutes=4) == 1
    assert len(gradebook.columns) == 1


def test_of_two_workers_that_look_for_a_column_one_makes_it(
    installation: Installation, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one has seen that there is none, and is held up before it makes one; meanwhile the other comes."""
    checkin, gradebook = unmarked(installation, "6", "7"), installation.platform.gradebook
    due(installation, checkin, "6")
    has_looked, go_on = threading.Event(), threading.Event()

    async def held_up(request: Request, answer: Answer) -> Response:
        found = await answer(request)
        if not has_looked.is_set():
            has_looked.set()
            await asyncio.to_thread(go_on.wait, 15)
        return found

    monkeypatch.setitem(faults.FAULTS, "held up", held_up)
    installation.platform.faults["lineitems"] = "held up"
    elsewhere = Database(database_url)
    other = replace(build(installation.settings, elsewhere), now=lambda: datetime.now(UTC) + timedelta(minutes=11))
    with ThreadPoolExecutor() as threads:
        one = threads.submit(send, installation, minutes=11)
        try:
            assert has_looked.wait(15)
            due(installation, checkin, "7")
            assert asyncio.run(deliver(other)) == 0
        finally:
            go_on.set()
        one.result()
    elsewhere.close()
    assert [row.fault for row in outbox(installation) if row.tries == 0] == [""], "it waits, and that is no fault"
    until(lambda: send(installation, minutes=14) or len(received(installation)) == 2)
    assert len(gradebook.columns) == 1
    assert sorted(received(installation)) == [("6", 1.0), ("7", 1.0)]


@pytest.mark.parametrize(("service", "fault", "wait"), [
    ("scores", "500", 60), ("scores", "429", 120), ("lineitems", "429", 120), ("token", "500", 60), ("token", "401", 60),
])  # fmt: skip
def test_a_platform_that_takes_nothing_is_asked_once_for_all_its_marks(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, service: str, fault: str, wait: int
) -> None:
    monkeypatch.setattr(gradebooks, "MOST", 3)
    due(installation, unmarked(installation, *STUDENTS[:5]), *STUDENTS[:5])
    installation.platform.faults[service] = fault
    before = installation.platform.requests[service]
    assert send(installation, minutes=11) == 0
    assert installation.platform.requests[service] == before + 1
    rows = outbox(installation)
    assert sorted((row.tries, bool(row.fault)) for row in rows) == [(0, False)] * 4 + [(1, True)]
    installation.platform.faults.clear()
    assert send(installation, minutes=11, seconds=wait - 30) == 0
    monkeypatch.setattr(gradebooks, "MOST", 50)
    assert send(installation, minutes=11, seconds=wait + 30) == 5


@pytest.mark.parametrize(("service", "fault", "asked"), [
    ("scores", "500", 2), ("lineitems", "500", 2), ("scores", "429", 1), ("lineitems", "truncated", 1), ("token", "500", 1),
    ("token", "401", 1),
])  # fmt: skip
def test_a_platform_that_is_down_is_not_asked_for_each_check_in(
    installation: Installation, service: str, fault: str, asked: int
) -> None:
    for person in STUDENTS[:3]:
        due(installation, unmarked(installation, person), person)
    installation.platform.faults[service] = fault
    before = installation.platform.requests[service]
    assert send(installation, minutes=11) == 0
    assert installation.platform.requests[service] == before + asked
    assert sum(row.tries for row in outbox(installation)) == asked
    assert send(installation, minutes=11, seconds=30) == 0
    assert installation.platform.requests[service] == before + asked


def test_a_column_that_breaks_down_holds_up_its_own_marks_only(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, other = unmarked(installation, *STUDENTS), unmarked(installation)
    breaks_over(monkeypatch, installation, locked)
    for checkin in (locked, other):
        due(installation, checkin, *STUDENTS)
    before = installation.platform.requests["scores"]
    assert send(installation, minutes=11) == len(STUDENTS)
    assert installation.platform.requests["scores"] == before + 1 + len(STUDENTS)
    assert sorted(row.tries for row in outbox(installation) if row.is_waiting) == [0] * 7 + [1]
    assert send(installation, minutes=11, seconds=30) == 0
    assert installation.platform.requests["scores"] == before + 1 + len(STUDENTS)
    installation.platform.faults.clear()
    assert send(installation, minutes=12, seconds=30) == len(STUDENTS)


def test_more_marks_of_such_a_column_than_go_in_a_round_hold_up_no_others(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradebooks, "MOST", 3)
    locked, other = unmarked(installation, *STUDENTS), unmarked(installation)
    breaks_over(monkeypatch, installation, locked)
    due(installation, locked, *STUDENTS)
    due(installation, other, "6")
    assert [send(installation, minutes=11) for _ in range(2)] == [0, 1]


def test_several_such_columns_hold_up_the_others_for_a_minute(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, other = [unmarked(installation, *STUDENTS), unmarked(installation)], unmarked(installation)
    breaks_over(monkeypatch, installation, *locked)
    for checkin in (*locked, other):
        due(installation, checkin, *STUDENTS)
    assert [send(installation, minutes=minute) for minute in (11, 12.5)] == [0, len(STUDENTS)]


def test_no_platform_waits_for_another(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one whose mark has waited longest answers only when the other has its own."""
    slow, fast = unmarked(installation, "6"), replace(installation, tool=tool_at(installation.base_url, "second", "2"))
    fast.platform.register(fast.tool)
    fast.register(fast.tool)
    due(installation, slow, "6", minutes=9)
    due(fast, unmarked(fast, "7"), "7")
    columns, received_now = installation.platform.gradebook.columns, installation.platform.gradebook.received

    async def the_slow_one(request: Request, answer: Answer) -> Response:
        column = columns[request.path_params["item"]]
        await request.body()
        while column.tool == installation.tool.client_id and not received_now and not await request.is_disconnected():
            await asyncio.sleep(0.02)
        return await answer(request)

    monkeypatch.setitem(faults.FAULTS, "the slow one", the_slow_one)
    installation.platform.faults["scores"] = "the slow one"
    assert send(installation, minutes=11) == 2
    assert received(installation) == [("7", 1.0), ("6", 1.0)]


def test_what_a_slow_platform_does_not_take_in_time_is_given_back(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradebooks, "SENDING", 0.0)
    due(installation, unmarked(installation, *STUDENTS[:3]), *STUDENTS[:3])
    assert [send(installation, minutes=11) for _ in range(4)] == [1, 1, 1, 0]
    assert [row.tries for row in outbox(installation)] == [1, 1, 1]


def test_a_fault_of_ours_with_one_platform_lets_the_others_have_their_marks(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(installation, tool=tool_at(installation.base_url, "second", "2"))
    other.platform.register(other.tool)
    other.register(other.tool)
    due(installation, unmarked(installation, "6"), "6", minutes=9)
    due(other, unmarked(other, "7"), "7")
    collect = gradebooks._collect

    def broken(db: Session, house: House, registration_id: int) -> list[gradebooks.Parcel]:
        if registration_id == 1:
            raise ZeroDivisionError
        return collect(db, house, registration_id)

    monkeypatch.setattr(gradebooks, "_collect", broken)
    with pytest.raises(ZeroDivisionError):
        send(installation, minutes=11)
    assert received(installation) == [("7", 1.0)]
