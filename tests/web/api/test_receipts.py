"""What students are told of the data warehouse, before they answer and after it has read."""

from html import unescape

from tests.installation import Installation
from tests.web.admin.portal import plain
from tests.web.api.warehouse import warehouse
from tests.web.courses import Lesson, lesson

BY_NAME = "Your institution’s data warehouse gets your answer too, together with who you are"
TOTALS = "Your institution may keep the same totals in its data warehouse, without names."


def page_of(held: Lesson, checkin_id: int) -> str:
    """What a student reads before answering."""
    return plain(unescape(held.student.get(f"/checkins/{checkin_id}?{held.tab(held.student)}").text))


def test_the_receipt_says_before_answering_what_the_warehouse_gets(installation: Installation) -> None:
    held = lesson(installation)
    before = held.ask("Before?")
    found = warehouse(installation, "named", "anonymous")
    after, mixed = held.ask("After?"), held.ask("Mixed?", "anonymous")
    said = {checkin_id: page_of(held, checkin_id) for checkin_id in (before, after, mixed)}
    assert [BY_NAME in said[it] for it in (before, after, mixed)] == [False, True, False]
    assert [TOTALS in said[it] for it in (before, after, mixed)] == [False, False, True]
    told = [held.teacher.get(f"/checkins/{it}/results?{held.tab(held.teacher)}").text for it in said]
    assert ["data warehouse gets the answers too" in page for page in told] == [False, True, False]
    for checkin_id in said:
        held.answer(checkin_id, "calm")
    assert {row["checkInTitle"] for row in found.all() if row["responderId"]} == {"After?"}


def test_a_student_sees_when_the_warehouse_read_their_answers(installation: Installation) -> None:
    held = lesson(installation)
    found = warehouse(installation, "named", name="Hall <b> of records")
    held.answer(held.ask("After?"), "calm")
    address = held.at(held.student, "/reflections")
    assert "Hall" not in held.student.get(address).text
    found.all()
    page = held.student.get(address).text
    assert "The school’s data warehouse, by the key “Hall &lt;b&gt; of records”" in page
