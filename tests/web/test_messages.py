"""The messages beside launch and dialog: a submission review, and a data privacy launch."""

import pytest

from reflect.demo.claims import LTI
from reflect.demo.forging import Forge, alter_claims
from reflect.demo.signatures import flip_signature
from reflect.storage.people import Person
from reflect.storage.sessions import LaunchSession, UsedState
from tests.installation import Installation
from tests.web.dialogs import STUDENT, TEACHER, arrives, delivered, newest_activity, opens_dialog, picks
from tests.web.launching import assert_refused, scene

PRIVACY = alter_claims(
    lambda right: {
        **{name: value for name, value in right.items() if name not in {LTI + "resource_link", LTI + "context"}},
        LTI + "message_type": "DataPrivacyLaunchRequest",
        LTI + "for_user": {"user_id": right["sub"]},
    }
)


def review(user: str, *without: str) -> Forge:
    """A review of somebody's work; without some custom values if the platform has lost them."""

    def change(right: dict[str, object]) -> dict[str, object]:
        said = {LTI + "message_type": "LtiSubmissionReviewRequest", LTI + "for_user": {"user_id": user}}
        return {name: value for name, value in {**right, **said}.items() if name.removeprefix(LTI) not in without}

    return alter_claims(change)


@pytest.mark.parametrize("without", [(), ("custom",)])
def test_a_review_leads_staff_to_the_results(installation: Installation, without: tuple[str, ...]) -> None:
    dialog = opens_dialog(installation)
    checkin = dialog.asks("How was the bridge?")
    delivered(picks(dialog, checkin, gives_mark="yes"))
    activity = newest_activity(installation).id
    arrives(installation, STUDENT, activity=activity).sends(r"/checkins/\d+/answers", {"choice": "calm"})
    for person in (TEACHER, "5"):
        visit = arrives(installation, person, activity=activity, forge=review(STUDENT, *without))
        assert visit.page.url.path == f"/checkins/{checkin}"
        assert "Zoë Märchenwald" in visit.page.text


def test_a_review_of_an_anonymous_check_in_tells_no_more_than_its_results(installation: Installation) -> None:
    dialog = opens_dialog(installation)
    checkin = dialog.asks("How was the storm?", anonymity="anonymous")
    delivered(picks(dialog, checkin, gives_mark="yes"))
    activity = newest_activity(installation).id
    arrives(installation, STUDENT, activity=activity).sends(r"/checkins/\d+/answers", {"choice": "calm"})
    visit = arrives(installation, TEACHER, activity=activity, forge=review(STUDENT))
    assert visit.page.url.path == f"/checkins/{checkin}"
    assert "Zoë" not in visit.page.text and "Calm" not in visit.page.text


def test_a_review_of_no_check_in_leads_to_the_course(installation: Installation) -> None:
    visit = arrives(installation, TEACHER, forge=review(STUDENT))
    assert visit.page.url.path.startswith("/courses/")


def test_a_privacy_launch_leads_to_the_privacy_page_and_begins_nothing(installation: Installation) -> None:
    somebody = scene(installation)
    page = somebody.arrive(PRIVACY)
    assert (page.url.path, page.status_code) == ("/privacy", 200)
    assert installation.count(LaunchSession, Person, UsedState) == [0, 0, 1]
    assert not [name for name in somebody.walker.cookies if name.startswith("__Host-reflect-tab-")]


def test_a_privacy_launch_works_once(installation: Installation) -> None:
    somebody = scene(installation)
    somebody.login()
    form = somebody.form(PRIVACY)
    assert somebody.walker.post_form(form).status_code == 303
    assert_refused(somebody.walker.post_form(form), "state_used")


def test_a_privacy_launch_is_checked_as_any_other(installation: Installation) -> None:
    somebody = scene(installation)
    somebody.login()

    assert_refused(somebody.launch(lambda draft: flip_signature(PRIVACY(draft))), "signature")
    assert installation.count(UsedState) == [0]


def test_a_parent_may_follow_a_privacy_launch(installation: Installation) -> None:
    page = scene(installation, "Mentor").arrive(PRIVACY)
    assert page.url.path == "/privacy"
