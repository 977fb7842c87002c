"""A form that saves itself keeps what was typed of time, and gives it back as it was typed."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import select

from reflect.storage.checkins import Checkin
from reflect.storage.series import Series
from tests.installation import Installation
from tests.web.dialogs import STUDENT, TEACHER, Visit, arrives, opens_dialog, picks, stored
from tests.web.launching import assert_refused
from tests.web.test_lives import REPEAT, begun, course_of, draft, query, row

KEY = "cd" * 16
ONLY_WHEN_SENT = "What you change here is kept only once you save it."
LATER = {
    "question": "Later?",
    "when": "later",
    "opens_on": "2030-07-01T08:15",
    "clock_zone": "Australia/Adelaide",
    "closes_after": "90",
    "closes_unit": "minutes",
}


def autosaved(teacher: Visit, **fields: str) -> int:
    """What the page's script sends; the number of the draft."""
    address = f"/courses/{course_of(teacher)}/autosaves?{query(teacher)}"
    assert "Saved as a draft" in teacher.walker.post(address, {"draft_key": KEY, **fields}).text
    mine = select(Checkin.id).where(Checkin.draft_key == KEY)
    return stored(teacher.running, lambda db: db.exec(mine).one()) or 0


def edits(teacher: Visit, number: int) -> dict[str, str]:
    """Open the form of a check-in; its fields of time as a browser shows them."""
    teacher.page = teacher.walker.get(f"/checkins/{number}/edit?{query(teacher)}")
    return shown(teacher)


def shown(teacher: Visit) -> dict[str, str]:
    page = teacher.page.text
    inputs = re.findall(
        r'<input id="(opens_on|clock_zone|closes_after|every|until_on|times|skips)"[^>]*? value="([^"]*)"', page
    )
    chosen = re.findall(r'name="(when)" value="(\w+)" checked', page)
    days = re.findall(r'name="(weekday-\d)" value="(yes)" checked', page)
    picked = re.findall(r'<option value="(\w+)" selected', page)
    return dict([*inputs, *chosen, *days]) | {"picked": " ".join(picked)}


def test_a_draft_that_saved_itself_keeps_its_time_and_its_close(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)
    number = autosaved(teacher, **LATER)
    assert (row(installation, number).opens_at, row(installation, number).closes_after) == (None, 90)
    found = edits(teacher, number)
    assert {name: found[name] for name in ("when", "opens_on", "clock_zone", "closes_after")} == {
        name: LATER[name] for name in ("when", "opens_on", "clock_zone", "closes_after")
    }
    address = f"/checkins/{number}/autosaves?{query(teacher)}"
    teacher.walker.post(address, {**LATER, "opens_on": "2030-07-02T09:00", "closes_after": "1x"})
    found = edits(teacher, number)
    assert (found["opens_on"], found["closes_after"]) == ("2030-07-02T09:00", "1x")
    assert row(installation, number).closes_after is None


def test_a_planned_one_is_edited_by_the_clock_it_was_planned_by_and_saved_back_unchanged(
    installation: Installation,
) -> None:
    teacher = arrives(installation, TEACHER)
    teacher.goes_to(r"/courses/\d+/checkins/new")
    teacher.sends(r"/courses/\d+/checkins", {**LATER, "draft_key": KEY})
    number = int(re.findall(r"/checkins/(\d+)", str(teacher.page.url))[0])
    planned = datetime(2030, 6, 30, 22, 45, tzinfo=UTC)
    assert row(installation, number).opens_at == planned
    for do in ("", "save"):
        found = edits(teacher, number)
        assert (found["opens_on"], found["clock_zone"]) == ("2030-07-01T08:15", "Australia/Adelaide")
        assert "data-suggest-zone" not in teacher.page.text
        sent = {"question": "Later?", "do": do, **{name: found[name] for name in LATER if name in found}}
        teacher.sends(rf"/checkins/{number}", sent)
        assert row(installation, number).opens_at == planned
    teacher.page = teacher.walker.get(f"/checkins/{number}/edit?{query(teacher)}")
    teacher.sends(rf"/checkins/{number}", {"question": "Later?", "when": "now", "do": "save"})
    assert (row(installation, number).opens_at, row(installation, number).opened_at) == (None, None)


def test_a_planned_one_changes_only_when_its_form_is_sent(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)
    teacher.goes_to(r"/courses/\d+/checkins/new")
    teacher.sends(r"/courses/\d+/checkins", {**LATER, "draft_key": KEY})
    number = int(re.findall(r"/checkins/(\d+)", str(teacher.page.url))[0])
    half = {**LATER, "draft_key": KEY, "question": "Half a que", "opens_on": "2031-01-01T10:00", "follow_ups": "1"}
    # By its own form, and by the one it was made with, to which Back leads.
    for address in (f"/checkins/{number}/autosaves", f"/courses/{course_of(teacher)}/autosaves"):
        said = teacher.walker.post(f"{address}?{query(teacher)}", half)
        assert said.status_code == 200 and 'id="capacity"' in said.text
        assert ONLY_WHEN_SENT in said.text and "data-when-sent" in said.text
        assert row(installation, number).question == "Later?"
    edits(teacher, number)
    send = teacher.page.text.partition('class="form-send"')[2]
    assert 'class="when-not-now">Save<' in send and send.count(ONLY_WHEN_SENT) == 1
    assert "Plan the check-in" not in send
    teacher.sends(rf"/checkins/{number}", {**half, "question": "Later, and whole?"})
    found = row(installation, number)
    assert (found.question, found.opens_at) == ("Later, and whole?", datetime(2030, 12, 31, 23, 30, tzinfo=UTC))


def test_the_form_of_one_that_has_opened_is_promised_nothing(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)
    teacher.goes_to(r"/courses/\d+/checkins/new")
    teacher.sends(r"/courses/\d+/checkins", {"question": "Open?", "draft_key": KEY})
    said = teacher.walker.post(f"/courses/{course_of(teacher)}/autosaves?{query(teacher)}", {"draft_key": KEY})
    assert said.status_code == 200 and "saved-state" not in said.text and 'id="capacity"' in said.text


def test_a_draft_without_a_plan_stays_one_when_it_is_saved_again(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)
    number = draft(teacher, **LATER)
    assert edits(teacher, number)["opens_on"] == LATER["opens_on"]
    teacher.sends(rf"/checkins/{number}", {**LATER, "do": "save"})
    assert row(installation, number).opens_at is None


def test_an_occurrence_of_a_series_is_edited_by_the_clock_of_the_series(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)
    today = datetime.now(UTC).date()
    begun(teacher, frequency="daily", clock_zone="Asia/Kathmandu", opens_on=f"{today.isoformat()}T08:00")
    (first, *_) = stored(
        installation, lambda db: db.exec(select(Checkin.id).where(Checkin.series_id.is_not(None))).all()
    )  # type: ignore[union-attr]
    assert first is not None
    found = edits(teacher, first)
    assert found["opens_on"].endswith("T08:00") and found["clock_zone"] == "Asia/Kathmandu"
    assert row(installation, first).opens_at.strftime("%H:%M") == "02:15"  # type: ignore[union-attr]
    assert 'value="repeat"' not in teacher.page.text
    before = row(installation, first).opens_at
    teacher.sends(
        rf"/checkins/{first}",
        {"question": "X?", "do": "save", **{name: found[name] for name in LATER if name in found}},
    )
    assert row(installation, first).opens_at == before


def test_what_the_content_dialog_plans_is_newer_than_what_the_form_once_said(installation: Installation) -> None:
    teacher = opens_dialog(installation)
    number = teacher.asks("Placed?", when="later", opens_on=LATER["opens_on"], clock_zone="Australia/Adelaide")
    picks(teacher, number, available_from="2031-01-01T10:00", zone="UTC")
    teacher = arrives(installation, TEACHER)
    found = edits(teacher, number)
    assert (found["when"], found["opens_on"], found["clock_zone"]) == ("later", "2031-01-01T10:00", "UTC")


IMPOSSIBLE = {
    "never comes": ({"opens_on": "2030-03-31T01:30", "clock_zone": "Europe/London"}, "so it never comes"),
    "is over": ({"opens_on": "2020-03-30T01:30"}, "This time is over"),
    "is no date": ({"opens_on": "2030-02-30T01:30"}, "Enter a date with a time"),
}


@pytest.mark.parametrize(("fields", "words"), IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_a_time_that_cannot_be_is_refused_and_nothing_typed_is_lost(
    shared: Installation, fields: dict[str, str], words: str
) -> None:
    teacher = arrives(shared, TEACHER)
    teacher.goes_to(r"/courses/\d+/checkins/new")
    sent = {**LATER, **fields, "question": "Impossible?"}
    teacher.sends(r"/courses/\d+/checkins", sent)
    _comes_back(teacher, sent, words)
    teacher.goes_to(r"/courses/\d+")
    number = draft(teacher)
    teacher.page = teacher.walker.get(f"/checkins/{number}/edit?{query(teacher)}")
    teacher.sends(rf"/checkins/{number}", sent)
    _comes_back(teacher, sent, words)
    assert (row(shared, number).opens_at, row(shared, number).opened_at) == (None, None)


def _comes_back(teacher: Visit, sent: dict[str, Any], words: str) -> None:
    assert teacher.page.status_code == 422
    assert teacher.page.text.count('id="opens_on-problem"') == 1 and words in teacher.page.text
    found = shown(teacher)
    assert {name: found[name] for name in ("when", "opens_on", "clock_zone", "closes_after")} == {
        name: sent[name] for name in ("when", "opens_on", "clock_zone", "closes_after")
    }
    assert 'value="Impossible?"' in teacher.page.text


def test_a_plan_that_was_sent_twice_stays_open_once_its_time_has_come(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)
    teacher.goes_to(r"/courses/\d+/checkins/new")
    form = teacher.page
    teacher.sends(r"/courses/\d+/checkins", {**LATER, "draft_key": KEY})
    number = int(re.findall(r"/checkins/(\d+)", str(teacher.page.url))[0])
    teacher.walker.post(f"/checkins/{number}/openings?{query(teacher)}", {})
    teacher.page = form
    teacher.sends(r"/courses/\d+/checkins", {**LATER, "opens_on": "2020-01-01T08:00", "draft_key": KEY})
    assert teacher.page.status_code == 200
    assert row(installation, number).opened_at is not None


def test_a_draft_of_a_series_keeps_its_rule_and_becomes_the_series(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)
    number = draft(teacher, **REPEAT, ends="times", times="3", skips="2030-01-14", draft_key=KEY)
    assert stored(installation, lambda db: db.exec(select(Series)).all()) == []
    found = edits(teacher, number)
    assert (found["when"], found["opens_on"], found["weekday-0"]) == ("repeat", "2030-01-07T08:00", "yes")
    assert (found["times"], found["skips"]) == ("3", "2030-01-14")
    assert found["picked"].split()[:2] == ["weekly", "times"]
    teacher.sends(rf"/checkins/{number}", {**REPEAT, "ends": "times", "times": "3"})
    assert str(teacher.page.url.path).endswith("/series")
    assert "Every Monday at 08:00" in teacher.page.text
    assert stored(installation, lambda db: db.get(Checkin, number)) is None


def test_what_is_more_than_a_draft_does_not_become_a_series(shared: Installation) -> None:
    teacher = arrives(shared, TEACHER)
    number = teacher.asks("Open?")
    teacher.goes_to(rf"/checkins/{number}/edit")
    assert 'name="when"' not in teacher.page.text
    teacher.goes_to(r"/courses/\d+")
    number = draft(teacher, draft_key="ef" * 16, **LATER)
    teacher.walker.post(f"/checkins/{number}?{query(teacher)}", LATER)
    assert edits(teacher, number)["when"] == "later" and 'value="repeat"' not in teacher.page.text
    teacher.sends(rf"/checkins/{number}", REPEAT)
    assert teacher.page.status_code == 422 and 'id="when-problem"' in teacher.page.text
    assert row(shared, number).opens_at is not None


def test_an_own_question_is_chosen_for_a_check_in_that_is_edited(shared: Installation) -> None:
    teacher = arrives(shared, TEACHER)
    course = course_of(teacher)
    teacher.walker.post(f"/courses/{course}/questions?{query(teacher)}", {"question": "Mine to ask?"})
    number = draft(teacher)
    teacher.page = teacher.walker.get(f"/checkins/{number}/edit?{query(teacher)}")
    key = re.search(r'value="(own-\d+)"', teacher.page.text)
    assert key
    for address in (f"/checkins/{number}/autosaves", f"/checkins/{number}"):
        sent = teacher.walker.post(f"{address}?{query(teacher)}", {"question_key": key[1], "do": "save"})
        assert sent.status_code in (200, 303), sent.text
        assert row(shared, number).question == "Mine to ask?"


def test_a_student_saves_nothing(shared: Installation) -> None:
    teacher, student = arrives(shared, TEACHER), arrives(shared, STUDENT)
    address = f"/courses/{course_of(teacher)}/autosaves?{query(student)}"
    assert_refused(student.walker.post(address, LATER), "not_allowed")
