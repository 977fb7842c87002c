"""The platform's content dialog over HTTP: what is sent back for every choice (row G38), and where it leads then."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from reflect.demo.claims import LTI
from reflect.demo.dialogs import CLAIM, Dialog
from reflect.demo.forging import Forge, alter_claims
from reflect.domain.deep_links import LINK
from reflect.storage.checkins import Checkin
from reflect.storage.services import LineItem
from reflect.storage.sessions import LaunchSession
from reflect.web.openings import open_due
from tests.installation import Installation
from tests.web.dialogs import (
    STUDENT,
    TEACHER,
    Visit,
    arrives,
    delivered,
    house_of,
    newest_activity,
    opens_dialog,
    picks,
    replied,
    stored,
)
from tests.web.launching import assert_refused

HOME = "The check-ins of this course"


def without_roles(right: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in right.items() if name != LTI + "roles"}


def asked(running: Installation, question: str = "How was the bridge?", **fields: str) -> int:
    return arrives(running, "3").asks(question, **fields)


def test_one_check_in_is_sent_back_and_opens_itself_for_teacher_and_student(installation: Installation) -> None:
    checkin = asked(installation)
    dialog = opens_dialog(installation)
    assert "How was the bridge?" in dialog.page.text and HOME in dialog.page.text
    reply = replied(picks(dialog, checkin))
    assert reply.items == [
        {
            "type": LINK,
            "url": f"{installation.base_url}/app",
            "title": "How was the bridge?",
            "custom": {"checkin": str(checkin)},
        }
    ]
    delivered(dialog)
    activity = newest_activity(installation)
    assert activity.custom == {"checkin": str(checkin)}
    for person, word in (("3", "Close the check-in"), (STUDENT, "Send")):
        visit = arrives(installation, person, activity=activity.id)
        assert visit.page.url.path == f"/checkins/{checkin}"
        assert word in visit.page.text


def test_what_the_specification_demands_comes_back(installation: Installation) -> None:
    dialog = Dialog(data="keep <this> & that")
    reply = replied(picks(opens_dialog(installation, dialog), "home"))
    claims, platform = reply.claims, installation.platform
    assert claims["aud"] == platform.base_url and claims["iss"] == installation.tool.client_id
    assert claims[LTI + "message_type"] == "LtiDeepLinkingResponse"
    assert (claims[LTI + "version"], claims[LTI + "deployment_id"]) == ("1.3.0", "1")
    assert claims[CLAIM + "data"] == "keep <this> & that"
    assert claims["nonce"] and 0 < claims["exp"] - claims["iat"] <= 600
    assert f"ticket={dialog.ticket}" in reply.action, "the query of the return address is kept"


def test_no_data_comes_back_where_none_was_given(installation: Installation) -> None:
    reply = replied(picks(opens_dialog(installation, Dialog(data=None)), "home"))
    assert CLAIM + "data" not in reply.claims


def test_the_page_may_post_to_the_platform_and_to_nobody_else(installation: Installation) -> None:
    reply = replied(picks(opens_dialog(installation), "home"))
    assert f"form-action 'self' {installation.platform.base_url};" in reply.policy


def test_several_are_sent_back_in_one_answer(installation: Installation) -> None:
    first, second = asked(installation, "First?"), asked(installation, "Second?")
    dialog = picks(opens_dialog(installation), first, second, "home")
    assert sorted(item["title"] for item in replied(dialog).items) == ["Check-ins", "First?", "Second?"]
    before = len(installation.platform.school.course("2").activities)
    delivered(dialog)
    assert len(installation.platform.school.course("2").activities) == before + 3


def test_the_home_of_the_course_names_no_check_in(installation: Installation) -> None:
    asked(installation)
    dialog = picks(opens_dialog(installation), "home")
    assert "custom" not in replied(dialog).items[0]
    delivered(dialog)
    visit = arrives(installation, STUDENT, activity=newest_activity(installation).id)
    assert visit.page.url.path.startswith("/courses/")


def test_nothing_chosen_closes_the_dialog(installation: Installation) -> None:
    dialog = picks(opens_dialog(installation))
    assert replied(dialog).items == []
    before = installation.platform.school
    assert "Nothing was chosen" in delivered(dialog).text
    assert installation.platform.school == before


def test_the_way_home_leads_back_to_the_picker(installation: Installation) -> None:
    dialog = opens_dialog(installation)
    dialog.goes_to(r"/courses/\d+/checkins/new")
    dialog.goes_to(r"/courses/\d+")
    assert dialog.page.url.path == "/deep-links/new"
    assert "Add to the course" in dialog.page.text


def test_cancel_is_a_form_of_its_own_without_a_choice(installation: Installation) -> None:
    dialog = opens_dialog(installation)
    form = dialog.page.text.partition('<form id="deep-link-cancel"')[2].partition("</form>")[0]
    assert form and "<input" not in form
    assert 'form="deep-link-cancel"' in dialog.page.text


@pytest.mark.parametrize(("multiple", "kind"), [(True, "checkbox"), (False, "radio")])
def test_one_or_several_can_be_picked_as_the_platform_takes_them(
    installation: Installation, multiple: bool, kind: str
) -> None:
    first, second = asked(installation, "First?"), asked(installation, "Second?")
    dialog = opens_dialog(installation, Dialog(accept_multiple=multiple))
    assert f'<input type="{kind}" name="chosen" value="{first}"' in dialog.page.text
    picks(dialog, first, second)
    if multiple:
        delivered(dialog)
    else:
        assert (dialog.page.status_code, dialog.page.headers["reflect-error"]) == (422, "deep_link_too_many")
        again = opens_dialog(installation, Dialog(accept_multiple=False))
        delivered(picks(again, second))


@pytest.mark.parametrize("accepts", [True, None, False])
def test_a_column_is_offered_only_where_it_is_taken(installation: Installation, accepts: bool | None) -> None:
    checkin = asked(installation)
    dialog = opens_dialog(installation, Dialog(accept_lineitem=accepts))
    assert ('name="gives_mark"' in dialog.page.text) == (accepts is not False)
    item = replied(picks(dialog, checkin, gives_mark="yes")).items[0]
    column = {"label": "How was the bridge?", "scoreMaximum": 1, "resourceId": f"checkin-{checkin}", "tag": "took-part"}
    assert item.get("lineItem") == (None if accepts is False else column)
    delivered(dialog)
    assert bool(newest_activity(installation).line_item) == (accepts is not False)


def test_a_graded_activity_tells_its_column(installation: Installation) -> None:
    checkin = asked(installation)
    delivered(picks(opens_dialog(installation), checkin, gives_mark="yes"))
    arrives(installation, STUDENT, activity=newest_activity(installation).id)
    column = stored(installation, lambda db: db.get_one(LineItem, checkin))
    assert column.url and newest_activity(installation).line_item in column.url


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_a_check_in_is_made_inside_the_dialog_and_is_chosen_there(installation: Installation, anonymity: str) -> None:
    dialog = opens_dialog(installation)
    checkin = dialog.asks("How was the tower?", anonymity=anonymity)
    assert dialog.page.url.path == "/deep-links/new"
    assert f'value="{checkin}" checked' in dialog.page.text
    assert 'value="home" checked' not in dialog.page.text
    delivered(picks(dialog, checkin))
    assert newest_activity(installation).title == "How was the tower?"


def test_a_dialog_without_roles_is_answered(installation: Installation) -> None:
    dialog = opens_dialog(installation, forge=alter_claims(without_roles))
    checkin = dialog.asks("Who asks?")
    assert replied(picks(dialog, checkin)).items[0]["title"] == "Who asks?"
    home = arrives(installation, STUDENT)
    assert "Who asks?" in home.page.text


def test_a_dialog_without_roles_opens_no_results(installation: Installation) -> None:
    checkin = asked(installation)
    dialog = opens_dialog(installation, forge=alter_claims(without_roles))
    query = dialog.page.url.query.decode()
    assert_refused(dialog.walker.get(f"/checkins/{checkin}/results?{query}"), "not_allowed")
    assert dialog.walker.follow(dialog.walker.get(f"/checkins/{checkin}?{query}")).url.path == "/deep-links/new"


def test_a_learner_is_refused(installation: Installation) -> None:
    dialog = opens_dialog(installation, person=STUDENT)
    assert_refused(dialog.page, "not_allowed")
    assert_refused(dialog.walker.post(f"/deep-links?{tab_of(installation)}", {"chosen": "home"}), "not_allowed")


def tab_of(running: Installation) -> str:
    """The address part of the newest session."""
    newest = select(LaunchSession).order_by(LaunchSession.created_at.desc())  # type: ignore[attr-defined]
    session = stored(running, lambda db: db.exec(newest).first())
    assert session is not None
    return f"tab={session.tab}"


def test_an_ordinary_session_has_no_dialog(installation: Installation) -> None:
    teacher = arrives(installation, "3")
    query = teacher.page.url.query.decode()
    for answer in (
        teacher.walker.get(f"/deep-links/new?{query}"),
        teacher.walker.post(f"/deep-links?{query}", {"chosen": "home"}),
    ):
        assert answer.headers["reflect-error"] == "deep_link_missing"


@pytest.mark.parametrize("choice", ["0", "999", "-1", "home2", "1" * 5000, "²", ""])
def test_what_is_not_in_the_course_cannot_be_chosen(shared: Installation, choice: str) -> None:
    dialog = picks(opens_dialog(shared), choice)
    assert_refused(dialog.page, "missing")


def test_another_courses_check_in_cannot_be_chosen(installation: Installation) -> None:
    checkin = arrives(installation, "4", course="3", activity="3").asks("Only on the maps?")
    dialog = opens_dialog(installation)
    assert "Only on the maps?" not in dialog.page.text
    assert_refused(picks(dialog, checkin).page, "missing")


def test_a_platform_that_takes_no_links_gets_none(installation: Installation) -> None:
    dialog = picks(opens_dialog(installation, Dialog(accept_types=("html", "image"))), "home")
    assert (dialog.page.status_code, dialog.page.headers["reflect-error"]) == (422, "deep_link_type")
    again = opens_dialog(installation, Dialog(accept_types=("html",)))
    assert replied(picks(again)).items == []


def naming(checkin: object) -> Forge:
    return alter_claims(lambda right: right | {LTI + "custom": {"checkin": str(checkin)}})


@pytest.mark.parametrize("person", ["4", STUDENT])
def test_a_link_that_names_another_courses_check_in_opens_the_course(installation: Installation, person: str) -> None:
    elsewhere = asked(installation, "Only in homeroom?")
    visit = arrives(installation, person, "3", "3", naming(elsewhere))
    assert visit.page.url.path.startswith("/courses/")
    assert "Only in homeroom?" not in visit.page.text
    assert_refused(visit.walker.get(f"/checkins/{elsewhere}?{visit.page.url.query.decode()}"), "missing")


@pytest.mark.parametrize("named", ["", "0", "999999", "9" * 400, "1; DROP TABLE checkin", "$ResourceLink.id"])
def test_a_link_that_names_no_check_in_opens_the_course(shared: Installation, named: str) -> None:
    assert arrives(shared, STUDENT, forge=naming(named)).page.url.path.startswith("/courses/")


def test_a_link_that_shares_a_check_ins_column_and_names_none_opens_the_course(installation: Installation) -> None:
    """All links of one block of Open edX have its one column."""
    checkin = asked(installation)
    delivered(picks(opens_dialog(installation), checkin, gives_mark="yes"))
    activity = newest_activity(installation).id
    assert arrives(installation, STUDENT, activity=activity).page.url.path == f"/checkins/{checkin}"
    nameless = alter_claims(lambda right: {name: value for name, value in right.items() if name != LTI + "custom"})
    visit = arrives(installation, STUDENT, activity=activity, forge=nameless)
    assert visit.page.url.path.startswith("/courses/")


def test_an_answer_works_once_at_the_campus(installation: Installation) -> None:
    dialog: Visit = picks(opens_dialog(installation), "home")
    delivered(dialog)
    reply = replied(dialog)
    again = dialog.walker.client.post(reply.action, data={"JWT": reply.token})
    assert (again.status_code, "dialog_missing" in again.text) == (404, True)


def test_a_session_of_a_dialog_is_forgotten_with_it(installation: Installation) -> None:
    dialog = opens_dialog(installation)
    query = dialog.page.url.query.decode()
    dialog.walker.post(f"/sessions/end?{query}", {})
    assert dialog.walker.get(f"/deep-links/new?{query}").status_code == 401


def opened_at(running: Installation, checkin: int) -> datetime | None:
    return stored(running, lambda db: db.get_one(Checkin, checkin).opened_at)


def test_a_check_in_made_inside_the_dialog_opens_when_it_is_placed(installation: Installation) -> None:
    dialog = opens_dialog(installation)
    dialog.goes_to(r"/courses/\d+/checkins/new")
    assert "Make it, and choose it" in dialog.page.text and "Open the check-in" not in dialog.page.text
    checkin = (dialog := opens_dialog(installation)).asks("How was the tower?")
    assert opened_at(installation, checkin) is None
    assert "opens when you add it" in dialog.page.text
    assert "How was the tower?" not in arrives(installation, STUDENT).page.text
    delivered(picks(dialog, checkin))
    assert opened_at(installation, checkin)
    assert "How was the tower?" in arrives(installation, STUDENT).page.text


def test_a_cancelled_dialog_leaves_a_prepared_check_in_that_staff_may_open(installation: Installation) -> None:
    dialog = opens_dialog(installation)
    checkin = dialog.asks("How was the tower?")
    delivered(picks(dialog))
    teacher = arrives(installation, TEACHER)
    assert "How was the tower?" in teacher.page.text and "Not open yet" in teacher.page.text
    assert "How was the tower?" not in arrives(installation, STUDENT).page.text
    teacher.goes_to(f"/checkins/{checkin}")
    teacher.sends(f"/checkins/{checkin}/openings", {})
    assert opened_at(installation, checkin)


def test_another_choice_leaves_it_shut(installation: Installation) -> None:
    dialog = opens_dialog(installation)
    checkin = dialog.asks("How was the tower?")
    delivered(picks(dialog, "home"))
    assert opened_at(installation, checkin) is None


def test_dates_are_sent_with_what_is_chosen(installation: Installation) -> None:
    checkin = asked(installation)
    dates = {"available_from": "2026-07-01T08:00", "available_until": "2026-07-03T08:00", "zone": "Europe/Berlin"}
    reply = replied(picks(opens_dialog(installation), checkin, "home", **dates, submission_until="2026-07-02T12:30"))
    available = {"startDateTime": "2026-07-01T06:00:00Z", "endDateTime": "2026-07-03T06:00:00Z"}
    link, home = reply.items
    assert (link["available"], link["submission"]) == (available, {"endDateTime": "2026-07-02T10:30:00Z"})
    assert home["available"] == available and "submission" not in home


def test_what_is_to_be_seen_later_opens_then_by_itself(installation: Installation) -> None:
    dialog = opens_dialog(installation)
    checkin = dialog.asks("How was the tower?")
    start = datetime.now(UTC) + timedelta(days=2)
    delivered(picks(dialog, checkin, available_from=start.strftime("%Y-%m-%dT%H:%M"), zone="UTC"))
    activity = newest_activity(installation)
    teacher = arrives(installation, TEACHER)
    assert "opens <time" in teacher.page.text
    assert "opens <time" in teacher.goes_to(f"/checkins/{checkin}").text
    early = arrives(installation, STUDENT, activity=activity.id)
    assert "How was the tower?" not in early.page.text
    assert asyncio.run(open_due(house_of(installation, days=1))) == 0
    assert asyncio.run(open_due(house_of(installation, days=2))) == 1
    assert asyncio.run(open_due(house_of(installation, days=3))) == 0
    assert "Send" in arrives(installation, STUDENT, activity=activity.id).page.text


WRONG = [("available_from", "tomorrow", "moment"), ("submission_until", "2026-07-01T07:59", "period_reversed"),
         ("zone", "Mars/Base", "zone")]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "code"), WRONG)
def test_dates_that_cannot_be_right_come_back_with_everything_that_was_filled_in(
    installation: Installation, field: str, value: str, code: str
) -> None:
    first, second = asked(installation, "First?"), asked(installation, "Second?")
    dialog = opens_dialog(installation)
    made = dialog.asks("Third?")
    typed = {"available_from": "2026-07-01T08:00", "submission_from": "2026-07-01T08:00", "submission_until": "",
             "zone": "Asia/Tokyo", "gives_mark": "yes"} | {field: value}  # fmt: skip
    page = picks(dialog, first, made, **typed).page
    assert (page.status_code, page.headers["reflect-error"]) == (422, code)
    at = "available_from" if field == "zone" else field
    assert f'<a href="#{at}">' in page.text
    assert f'aria-describedby="{at}-problem" aria-invalid="true"' in page.text.partition(f'id="{at}" name')[2][:300]
    for checkin, is_chosen in ((first, True), (second, False), (made, True), ("home", False)):
        assert (f'value="{checkin}" checked' in page.text) is is_chosen
    assert 'name="gives_mark" value="yes" checked' in page.text
    assert '<details class="periods" open' in page.text
    for name, kept in typed.items():
        assert name == "gives_mark" or f'value="{kept}"' in page.text.partition(f'name="{name}"')[2][:80]
    assert opened_at(installation, made) is None
    assert stored(installation, lambda db: db.get(LineItem, first)) is None
    repaired = picks(dialog, first, made, **typed | {field: "" if field != "zone" else "UTC"})
    assert len(replied(repaired).items) == 2


def test_the_picker_offers_dates_in_utc_to_who_has_no_script(shared: Installation) -> None:
    page = opens_dialog(shared).page.text
    assert '<input type="hidden" name="zone" value="UTC">' in page and "<bdi data-zone>UTC</bdi>" in page
    assert '<details class="periods">' in page


def test_a_check_in_that_is_placed_again_with_a_mark_makes_no_second_column(installation: Installation) -> None:
    checkin, other = asked(installation), asked(installation, "How was the sea?")
    delivered(picks(opens_dialog(installation), checkin, gives_mark="yes"))
    columns = dict(installation.platform.gradebook.columns)
    dialog = opens_dialog(installation)
    assert dialog.page.text.count("in the gradebook already") == 2, "at the check-in and at the mark"
    reply = replied(picks(dialog, checkin, other, gives_mark="yes"))
    told = "“How was the bridge?” has a column in the gradebook already and gets no second one."
    assert told in dialog.page.text and reply.claims[CLAIM + "msg"] == told
    assert [item["title"] for item in reply.items if "lineItem" in item] == ["How was the sea?"]
    delivered(dialog)
    assert len(installation.platform.gradebook.columns) == len(columns) + 1


def test_without_a_mark_nothing_is_said_of_columns(installation: Installation) -> None:
    checkin = asked(installation)
    delivered(picks(opens_dialog(installation), checkin, gives_mark="yes"))
    dialog = picks(opens_dialog(installation), checkin)
    assert CLAIM + "msg" not in replied(dialog).claims and "second one" not in dialog.page.text
