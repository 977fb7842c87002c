"""A history comes over once, whole, and to whom it belongs."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from reflect.domain import checkins, copies, forms, imports, lifecycle, persons, reflections
from reflect.domain.forms import IMPORTED, NOT_TOLD, OFFERED
from reflect.domain.import_entries import MOST_TOLD, Report
from reflect.domain.import_files import Record
from reflect.domain.import_joins import Mapped
from reflect.domain.imports import Terms
from reflect.domain.privacy.release import UNSAID
from reflect.domain.privacy.retention import purge
from reflect.domain.privacy.verification import verify
from reflect.domain.refusals import FormRefused, ImportRefused, Missing, Refused
from reflect.domain.results import for_class, for_staff
from reflect.storage.answers import Answer, Tally
from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course
from reflect.storage.database import Database
from reflect.storage.imports import ImportedId
from reflect.storage.people import Person
from tests.classroom import NOW, Classroom, classroom, enrolled
from tests.domain.privacy.test_attacker import moderately

CLASS, TEACHER = "c1a55000-0000", "7eac8e50-0000"


def row(responder: str | None = "ann", **changes: Any) -> dict[str, Any]:
    """A row as Graph would tell it."""
    return {
        "id": "row",
        "checkInId": "check",
        "checkInTitle": "How are you feeling today?",
        "classId": CLASS,
        "createdDateTime": "2026-06-01T08:00:00Z",
        "creatorId": TEACHER,
        "isClosed": False,
        "responderId": responder,
        "responseEmotion": "calm",
        "responseFeedback": "none",
        "submitDateTime": "2026-06-01T08:05:00.1234567Z",
        **changes,
    }


def take(room: Classroom, rows: Iterable[Mapping[str, Any]], mapped: Mapped | None = None, **terms: Any) -> Report:
    """Import rows into the deployment of a classroom."""

    def work(db: Session) -> Report:
        deployment_id = db.get_one(Course, room.course_id).deployment_id
        records = (Record(number, one) for number, one in enumerate(rows, 2))
        found = Terms(deployment_id, mapped or Mapped(), 5, 365, **terms)
        return imports.take(db, records, found, terms.get("now", NOW))

    return room.database.write_now(work)


def everything(database: Database, *tables: Any) -> list[Any]:
    return [row for table in tables for row in database.read_now(lambda db, it=table: db.exec(select(it)).all())]


def tallies(database: Database) -> dict[str, int]:
    """Choice to count over all check-ins, zeros left out."""
    found = Counter[str]()
    for one in everything(database, Tally):
        found[one.choice] += one.count
    return dict(+found)


def accounted(report: Report) -> bool:
    parts = (report.imported, report.already_there, report.changed, report.superseded, report.withheld, report.refused)
    return sum(parts) == report.rows


@pytest.fixture
def room(database: Database) -> Classroom:
    return classroom(database, 3)


def test_an_answer_comes_over_as_it_was(room: Classroom) -> None:
    report = take(room, [row(), row("ben", responseEmotion="none", responseFeedback="veryPleasant")])
    assert (report.rows, report.imported, report.checkins, report.courses, report.people) == (2, 2, 1, 1, 2)
    assert report.is_kept and accounted(report)
    [checkin] = everything(room.database, Checkin)
    assert (checkin.question, checkin.form, checkin.import_key) == ("How are you feeling today?", "imported", "check")
    assert (checkin.is_anonymous, checkin.is_exported, checkin.shared_with_class, checkin.author_id) == (False, False, False, None)  # fmt: skip
    assert checkin.archived_at == NOW, "the lists are for the present"
    assert checkin.opened_at == datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
    assert checkin.closed_at == datetime(2026, 6, 1, 8, 5, 0, 123456, tzinfo=UTC)
    assert {answer.choice for answer in everything(room.database, Answer)} == {"calm", "face_5"}
    assert tallies(room.database) == {"calm": 1, "face_5": 1}
    [course] = [it for it in everything(room.database, Course) if it.kind == "import"]
    assert (course.lti_id, course.title) == (CLASS, ""), "no name is invented"
    strangers = [it for it in everything(room.database, Person) if it.sub.startswith("import ")]
    assert {it.sub for it in strangers} == {"import ann", "import ben"} and {it.name for it in strangers} == {""}


@pytest.mark.parametrize(
    ("emotion", "feedback", "choice", "is_understood"),
    [
        ("none", "veryUnpleasant", "face_1", True),
        ("none", "neutral", "face_3", True),
        ("worthless", "unpleasant", "worthless", True),
        ("none", "none", NOT_TOLD, True),
        ("none", "notDetected", NOT_TOLD, True),
        ("unknownFutureValue", "pleasant", "face_4", True),
        ("unknownFutureValue", "unknownFutureValue", NOT_TOLD, True),
        (None, None, NOT_TOLD, True),
        ("hangry", "none", NOT_TOLD, False),
        ("hangry", "pleasant", "face_4", False),
        ("calm", "extraordinary", "calm", False),
    ],
)
def test_every_value_of_graph_and_every_other_is_taken(
    room: Classroom, emotion: str, feedback: str, choice: str, is_understood: bool
) -> None:
    report = take(room, [row(responseEmotion=emotion, responseFeedback=feedback)])
    assert tallies(room.database) == {choice: 1}
    assert (report.imported, report.not_understood) == (1, int(not is_understood))


def test_all_56_feelings_and_five_faces_can_be_held_and_no_teacher_is_offered_the_form(room: Classroom) -> None:
    assert len(IMPORTED.options) == 61 and IMPORTED.takes(NOT_TOLD, None)
    assert IMPORTED.key not in OFFERED
    with pytest.raises(FormRefused):
        checkins.Draft.read({"question": "?", "answer_form": "imported"})


def test_importing_again_changes_nothing(room: Classroom) -> None:
    rows = [row("ann"), row("ben"), row("ann", checkInId="other"), *(row(None, checkInId="mixed") for _ in range(6))]
    take(room, rows)
    before = everything(room.database, Checkin, Answer, Tally, Person, ImportedId)
    again = take(room, rows)
    assert (again.already_there, again.rows, again.checkins, again.people) == (9, 9, 0, 0)
    assert everything(room.database, Checkin, Answer, Tally, Person, ImportedId) == before
    more = take(room, [*rows, row("cem")])
    assert (more.imported, more.already_there) == (1, 9) and accounted(more)


def test_of_several_answers_of_a_person_the_latest_stands_in_whatever_order(room: Classroom) -> None:
    early, late = "2026-06-01T08:05:00Z", "2026-06-02T09:00:00Z"
    rows = [
        row(submitDateTime=late, responseEmotion="sad"),
        row(submitDateTime=early),
        row("ben", submitDateTime=early),
        row("ben", submitDateTime=late, responseEmotion="sad"),
    ]
    report = take(room, rows)
    assert (report.imported, report.changed, report.superseded) == (2, 1, 1)
    assert tallies(room.database) == {"sad": 2}
    again = take(room, rows)
    assert (again.already_there, again.superseded, again.changed) == (2, 2, 0) and accounted(again)
    assert tallies(room.database) == {"sad": 2}


REFUSED = [
    ({"checkInId": ""}, "field_missing", "checkInId"),
    ({"classId": None}, "field_missing", "classId"),
    ({"submitDateTime": None}, "field_missing", "submitDateTime"),
    ({"submitDateTime": "yesterday"}, "moment", "submitDateTime"),
    ({"submitDateTime": "2026-06-01T08:00:00"}, "moment", "submitDateTime"),
    ({"createdDateTime": "2026-02-30T08:00:00Z"}, "moment", "createdDateTime"),
    ({"createdDateTime": "0001-01-01T00:00:00+14:00"}, "moment", "createdDateTime"),
    ({"submitDateTime": "2026-09-09T08:00:00Z"}, "in_the_future", "submitDateTime"),
    ({"responderId": "x" * 256}, "too_long", "responderId"),
    ({"checkInTitle": "x" * 501}, "too_long", "checkInTitle"),
    ({"checkInId": 7}, "not_text", "checkInId"),
    ({"responseEmotion": ["calm"]}, "not_text", "responseEmotion"),
    ({"checkInTitle": "a\u202eb"}, "not_text", "checkInTitle"),
    ({"responderId": None}, "partly_anonymous", "responderId"),
]


@pytest.mark.parametrize(("change", "reason", "field"), REFUSED)
def test_a_row_that_cannot_be_taken_is_told_and_the_file_is_all_or_nothing(
    room: Classroom, change: dict[str, Any], reason: str, field: str
) -> None:
    rows = [row("ann"), row("ben") | change]
    before = everything(room.database, Course, Person)
    report = take(room, rows)
    assert report.told == [{"line": 3, "reason": reason, "field": field}]
    assert (report.refused, report.reasons, report.is_kept) == (1, {reason: 1}, False) and accounted(report)
    assert everything(room.database, Checkin, Answer, Tally, ImportedId) == []
    assert everything(room.database, Course, Person) == before
    kept = take(room, rows, keeps_rest=True)
    assert kept.is_kept and kept.imported == 1 and tallies(room.database) == {"calm": 1}


def test_a_trial_says_the_same_and_keeps_nothing(room: Classroom) -> None:
    rows = [row("ann"), row("ben")]
    tried = take(room, rows, is_trial=True)
    assert everything(room.database, Checkin, Answer, Tally, ImportedId) == []
    done = take(room, rows)
    assert (tried.is_kept, done.is_kept) == (False, True)
    tried.is_kept = True
    assert tried == done


def test_only_so_many_refused_rows_are_told_of_and_all_are_counted(room: Classroom) -> None:
    report = take(room, ({**row(), "checkInId": ""} for _ in range(MOST_TOLD + 5)))
    assert (report.refused, len(report.told)) == (MOST_TOLD + 5, MOST_TOLD)


def test_mappings_lead_to_the_courses_and_people_of_the_platform(room: Classroom) -> None:
    mapped = Mapped({CLASS: "2"}, {"ann": "0", TEACHER: "t"})
    report = take(room, [row("ann"), row("ben")], mapped)
    assert (report.courses, report.people, report.unplaced_people, report.unplaced_courses) == (0, 1, 1, 0)
    [checkin] = everything(room.database, Checkin)
    assert (checkin.course_id, checkin.author_id) == (room.course_id, room.teacher.person_id)
    seen = room.for_staff(checkin.id)
    assert {(one.name, one.choice) for one in seen.people} == {("Person 0", "calm"), ("", "calm")}
    [own] = room.database.read_now(lambda db: reflections.own(db, room.students[0])).named
    assert (own.choice, own.emotion and own.emotion.key) == ("calm", "calm")


def test_a_course_that_reflect_has_not_met_waits_for_its_first_launch(room: Classroom) -> None:
    mapped = Mapped({CLASS: "77"}, {"ann": "900"}, {CLASS: "Birds"})
    report = take(room, [row("ann")], mapped)
    assert (report.courses, report.people, report.unplaced_courses, report.unplaced_people) == (1, 1, 0, 0)
    [course] = [it for it in everything(room.database, Course) if it.lti_id == "77"]
    assert (course.kind, course.title) == ("context", "Birds")
    assert "900" in {it.sub for it in everything(room.database, Person)}


@pytest.mark.parametrize("is_met", [True, False])
def test_a_later_mapping_joins_what_an_earlier_import_could_not_place(room: Classroom, is_met: bool) -> None:
    rows = [row("ann"), row("ben", responseEmotion="sad")]
    take(room, rows)
    context, sub = ("2", "0") if is_met else ("77", "900")
    people, courses = (len(everything(room.database, table)) for table in (Person, Course))
    report = take(room, rows, Mapped({CLASS: context}, {"ann": sub}))
    assert (report.already_there, report.unplaced_courses, report.unplaced_people) == (2, 0, 1)
    [checkin] = everything(room.database, Checkin)
    [course] = [it for it in everything(room.database, Course) if it.lti_id == context]
    assert checkin.course_id == course.id and {it.course_id for it in everything(room.database, Tally)} == {course.id}
    assert len(everything(room.database, Person)) == people - is_met
    assert len(everything(room.database, Course)) == courses - is_met
    again = take(room, [*rows, row("ann", checkInId="new")])
    assert (again.already_there, again.imported, again.people, again.courses) == (2, 1, 0, 0), "known without a mapping"


def test_two_ids_of_one_person_become_one_and_the_later_answer_stands(room: Classroom) -> None:
    late = row("ann-2", submitDateTime="2026-06-01T09:00:00Z", responseEmotion="sad")
    take(room, [row("ann"), late])
    assert tallies(room.database) == {"calm": 1, "sad": 1}
    report = take(room, [row("ann"), late], Mapped({}, {"ann": "0", "ann-2": "0"}))
    assert tallies(room.database) == {"sad": 1}
    assert (report.superseded, report.already_there) == (1, 1)
    [answer] = everything(room.database, Answer)
    assert answer.person_id == room.students[0].person_id


@pytest.mark.parametrize(
    ("mapped", "code"),
    [(Mapped({CLASS: "78"}), "class_elsewhere"), (Mapped({}, {"ann": "901"}), "person_elsewhere")],
)
def test_what_was_joined_cannot_be_joined_elsewhere(room: Classroom, mapped: Mapped, code: str) -> None:
    take(room, [row("ann")], Mapped({CLASS: "2"}, {"ann": "0"}))
    with pytest.raises(ImportRefused, match=code):
        take(room, [row("ann")], mapped)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([{"personId": "a", "sub": ""}], "mapping_row"),
        ([{"personId": "a" * 256, "sub": "1"}], "mapping_row"),
        ([{"personId": "a", "sub": "1"}, {"personId": "a", "sub": "2"}], "mapping_twice"),
    ],
)
def test_a_mapping_that_is_not_clear_is_refused(rows: list[dict[str, str]], code: str) -> None:
    with pytest.raises(ImportRefused) as refusal:
        Mapped.read((), [Record(number, one) for number, one in enumerate(rows, 2)])
    assert (refusal.value.code, refusal.value.facts["line"]) == (code, str(len(rows) + 1))


def test_a_history_of_one_platform_is_not_met_from_another(database: Database, room: Classroom) -> None:
    other = classroom(database, 2)
    take(room, [row("ann")], Mapped({CLASS: "2"}))
    take(other, [row("ann")], Mapped({CLASS: "2"}))
    assert {it.course_id for it in everything(database, Checkin)} == {room.course_id, other.course_id}


def anonymous(counts: Mapping[str, int], checkin_id: str = "mixed") -> list[dict[str, Any]]:
    return [
        row(None, checkInId=checkin_id, responseEmotion=emotion, responseFeedback="notDetected")
        for emotion, count in counts.items()
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("counts", "kept"),
    [
        ({"calm": 2, "sad": 2, "happy": 2}, {"calm": 2, "sad": 2, "happy": 2}),
        ({"calm": 5}, {"calm": 3, UNSAID: 2}),
        ({"calm": 6, "sad": 1}, {"calm": 5, UNSAID: 2}),
        ({"calm": 6, "none": 1}, {"calm": 5, UNSAID: 2}),
        ({"calm": 3, "none": 2}, {"calm": 3, UNSAID: 2}),
        ({"calm": 1, "none": 4}, {"calm": 1, UNSAID: 4}),
        ({"none": 5}, {UNSAID: 5}),
        ({"calm": 4}, {}),
    ],
)
def test_anonymous_answers_follow_the_release_rule(
    room: Classroom, counts: dict[str, int], kept: dict[str, int]
) -> None:
    report = take(room, anonymous(counts), Mapped({CLASS: "2"}))
    total = sum(counts.values())
    assert (report.imported, report.withheld) == ((total, 0) if kept else (0, total)) and accounted(report)
    assert tallies(room.database) == kept
    assert {it.on_day for it in everything(room.database, Tally)} <= {date(2026, 6, 1)}
    assert everything(room.database, Answer) == []
    assert len(everything(room.database, Checkin)) == report.checkins == bool(kept)
    if kept:
        [checkin] = everything(room.database, Checkin)
        seen = room.database.read_now(lambda db: for_staff(db, room.teacher, checkin))
        assert (seen.answered, seen.waiting, seen.people) == (total, 0, ())
        assert room.for_class(checkin.id) is None


def test_of_an_anonymous_one_a_later_file_adds_at_least_k_or_nothing(room: Classroom) -> None:
    first = {"calm": 2, "sad": 2, "happy": 2}
    take(room, anonymous(first))
    few = take(room, anonymous({"calm": 4, "sad": 3, "happy": 3}))
    assert (few.withheld, few.already_there, few.imported) == (4, 6, 0) and tallies(room.database) == first
    fewer = take(room, anonymous({"calm": 1, "sad": 2}))
    assert (fewer.already_there, accounted(fewer)) == (3, True) and tallies(room.database) == first
    other = take(room, anonymous({"calm": 1, "sad": 9, "happy": 9}))
    assert (other.withheld, other.imported) == (13, 0) and accounted(other) and tallies(room.database) == first
    more = take(room, anonymous({"calm": 4, "sad": 4, "happy": 4}))
    assert (more.imported, more.already_there) == (6, 6) and tallies(room.database) == {"calm": 4, "sad": 4, "happy": 4}


@moderately
@given(st.lists(st.dictionaries(st.sampled_from(["calm", "sad", "happy", "none"]), st.integers(1, 7)), min_size=1, max_size=5))  # fmt: skip
def test_whatever_is_imported_two_states_differ_by_nothing_or_by_k(
    database: Database, files: list[dict[str, int]]
) -> None:
    room, states = classroom(database, 2), [Counter[str]()]
    for counts in files:
        assert accounted(take(room, anonymous(counts, checkin_id=f"{room.course_id}")))
        found = database.read_now(lambda db: db.exec(select(Tally)).all())
        mine = {it.id for it in everything(database, Checkin) if it.import_key == f"{room.course_id}"}
        states.append(Counter({it.choice: it.count for it in found if it.checkin_id in mine}))
        difference = Counter(states[-1])
        difference.subtract(states[-2])
        assert difference.total() == 0 or (difference.total() >= 5 and min(difference.values()) >= 0)
        said = [count for choice, count in (+difference).items() if choice != UNSAID]
        assert difference.total() - max(said, default=0) >= 2 or not difference.total()


def test_what_is_imported_is_closed_and_stays_so(room: Classroom) -> None:
    take(room, [row("ann")], Mapped({CLASS: "2"}))
    [checkin] = everything(room.database, Checkin)
    with pytest.raises(Refused, match="checkin_imported"):
        room.database.write_now(lambda db: lifecycle.reopen(db, room.teacher, checkin.id, 5, NOW))
    twin = room.database.write_now(lambda db: lifecycle.duplicate(db, room.teacher, checkin.id, 5))
    copy = room.checkin(twin)
    assert (copy.form, copy.import_key, copy.opened_at) == (forms.DEFAULT, None, None)


def test_what_is_imported_is_not_offered_to_a_copied_course(room: Classroom) -> None:
    take(room, [row("ann")], Mapped({CLASS: "2"}))

    def copied(db: Session) -> None:
        course = db.get_one(Course, room.course_id)
        new = Course(deployment_id=course.deployment_id, kind="context", lti_id="copy", title="", history="2", created_at=NOW, last_active_on=NOW.date())  # fmt: skip
        db.add(new)
        db.flush()
        with pytest.raises(Missing):
            copies.bring_over(db, enrolled(db, course.deployment_id, new.id or 0, "t2", "teacher"), 5)

    room.database.write_now(copied)


def test_a_deleted_one_does_not_come_back_by_itself(room: Classroom) -> None:
    take(room, [row("ann")], Mapped({CLASS: "2"}))
    [checkin] = everything(room.database, Checkin)
    room.database.write_now(lambda db: lifecycle.remove(db, room.teacher, checkin.id, NOW))
    assert take(room, [row("ann")]).told == [{"line": 2, "reason": "checkin_deleted", "field": "checkInId"}]


def test_an_import_counts_as_a_visit_and_says_until_when_it_is_kept(room: Classroom) -> None:
    old = {"createdDateTime": "2019-06-01T08:00:00Z", "submitDateTime": "2019-06-01T08:00:00Z"}
    report = take(room, [row("ann", **old)])
    assert report.kept_until == NOW.date() + timedelta(days=365)
    room.database.write_now(lambda db: purge(db, 365, NOW + timedelta(days=365)))
    assert tallies(room.database) == {"calm": 1}
    room.database.write_now(lambda db: purge(db, 365, NOW + timedelta(days=366)))
    assert everything(room.database, Checkin, Answer, Tally, ImportedId, Person) == []


def test_a_person_is_told_of_and_erased_with_their_foreign_ids(room: Classroom) -> None:
    take(room, [row("ann"), row("ben")], Mapped({CLASS: "2"}, {"ann": "0"}))
    person_id = room.students[0].person_id
    assert room.database.read_now(lambda db: persons.export(db, person_id))["person"]["imported_ids"] == ["ann"]
    assert room.database.write_now(lambda db: persons.erase(db, person_id, NOW)) == 1
    assert tallies(room.database) == {"calm": 1}
    assert "ann" not in {it.foreign_id for it in everything(room.database, ImportedId)}


def test_no_row_of_what_was_anonymous_leads_to_anybody(room: Classroom) -> None:
    take(room, anonymous({"calm": 3, "sad": 3}))
    assert json.dumps([it.foreign_id for it in everything(room.database, ImportedId)]) == json.dumps([CLASS])
    assert for_class(None, everything(room.database, Checkin)[0]) is None  # type: ignore[arg-type]


def test_what_was_imported_holds_before_the_law(room: Classroom) -> None:
    rows = [*anonymous({"calm": 5}, "a"), *anonymous({"none": 5}, "b"), *anonymous({"calm": 4}, "c"), row("ann")]
    take(room, rows)
    assert [proof for proof in room.database.read_now(verify) if not proof.holds] == []
