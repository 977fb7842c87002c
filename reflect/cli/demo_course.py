"""The demo's data: a class that has been asked for some weeks. Everything is made by the domain's own functions."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from reflect.cli import demo_weeks
from reflect.cli.demo_student import look_back
from reflect.demo import changes
from reflect.demo.people import Activity, Course, Person
from reflect.demo.platform import CampusPlatform
from reflect.demo.tools import Tool
from reflect.domain import answers, checkins, closures, groups, registrations, support, talks
from reflect.domain.audit import FROM_SHELL
from reflect.domain.checkins import Draft
from reflect.domain.forms import FORMS
from reflect.domain.membership import Arrival, arrive
from reflect.domain.privacy.sealing import Content, Sealer
from reflect.domain.registrations import Application
from reflect.domain.sessions import Viewer, resume
from reflect.domain.support import Week
from reflect.domain.talks import Wish
from reflect.keyring import Keyring
from reflect.lti import roles
from reflect.lti.keys import generate
from reflect.settings import Settings
from reflect.storage.database import Database
from reflect.web.arrivals import CHECKIN
from reflect.web.gradebooks import column_of
from reflect.web.language import nearest
from reflect.web.protection import origins

PLAN: Sequence[tuple[int, dict[str, str], bool]] = (
    (19, {"question_key": "feeling_today", "answer_form": "words_core", "anonymity": "named"}, True),
    (12, {"question": "How did the map lesson leave you?", "anonymity": "anonymous", "release": "at_close",
          "shared_with_class": "on"}, True),
    (5, {"question": "How do you feel about the class trip?", "answer_form": "words_full", "anonymity": "named"}, True),
    (1, {"question": "How was the group work for you?", "anonymity": "anonymous", "release": "in_steps"}, False),
)  # fmt: skip
"""Days ago, the form a teacher filled in, and whether it is closed by now."""


def furnish(database: Database, settings: Settings, platform: CampusPlatform, tool: Tool, now: datetime) -> None:
    """Register the campus, and give its first course a short past and an activity for what is open."""
    keyring = Keyring(settings.secret_key.get_secret_value())
    sealer, course, rng = Sealer(keyring), platform.school.courses[0], random.Random(7)

    def work(db: Session) -> int:
        registrations.add(db, _application(platform, tool), _key(keyring), now)
        for days_ago, form, is_closed in PLAN:
            opened_at = now - timedelta(days=days_ago, hours=2)
            viewers = [_launch(db, platform, course, person, opened_at) for person in platform.school.people_in(course)]
            teacher = viewers[0]
            draft = Draft.read(form)
            checkin_id = checkins.open(db, teacher, draft, settings.min_group_size, opened_at)
            words = rng.sample([option.key for option in FORMS[draft.form].options], 5)
            for student in viewers:
                if student.role == "learner":
                    answers.give(db, student, checkin_id, Content(rng.choice(words)), sealer, opened_at)
            if is_closed:
                closures.close(db, teacher, checkin_id, sealer, opened_at + timedelta(minutes=20))
        groups.take_names(db, teacher.course_id, {group.id: group.name for group in course.groups})
        by_sub = {viewer.sub: viewer for viewer in viewers}
        students = [viewer for viewer in viewers if viewer.role == "learner"]
        demo_weeks.furnish(db, teacher, students, sealer, settings.min_group_size, now)
        _ask_to_talk(db, by_sub, now)
        look_back(db, by_sub, sealer, settings.min_group_size, now)
        return checkin_id

    _place(platform, tool, course, database.write_now(work), PLAN[-1][1]["question"])


def _ask_to_talk(db: Session, viewers: Mapping[str, Viewer], now: datetime) -> None:
    """Two students would like to talk, a third has; and the school says when adults are there."""
    wren = viewers["3"]
    wishes = (
        ("10", Wish(wren.person_id, "Could you help me choose a book about foxes?", is_for_today=False), 26),
        ("9", Wish(None, "I left my paper boat somewhere, and I would like to look for it together.", True), 1),
        ("11", Wish(wren.person_id, "", is_for_today=False), 50),
    )
    seen, _, closed = (talks.ask(db, viewers[sub], wish, now - timedelta(hours=hours)) for sub, wish, hours in wishes)
    for talk_id, hours_ago in ((seen, 25), (closed, 49)):
        assert talk_id is not None
        talks.open(db, wren, talk_id, now - timedelta(hours=hours_ago))
        talks.see(db, wren, talk_id, now - timedelta(hours=hours_ago))
    assert closed is not None
    talks.close(db, wren, closed, "I’ll find you by the story corner at break.", now - timedelta(hours=48))
    hours = Week("Europe/London", (((8 * 60, 15 * 60 + 30),),) * 5 + ((), ()))
    support.set_week(db, hours, FROM_SHELL, now)
    # Of the numbers that are kept for drama: nobody answers there.
    line = {"line_name": "Fable Hill listening line (an example)", "contact": "08081 570 000"}
    support.add_line(db, line, FROM_SHELL, now)


def _place(platform: CampusPlatform, tool: Tool, course: Course, checkin_id: int, question: str) -> None:
    """Give a check-in an activity of its own and a column of the gradebook, as the content dialog would have."""
    number = str(changes.fresh_id(platform.school))
    line_item = column_of(checkin_id, question).on_wire()
    activity = Activity(
        id=number,
        title=question,
        description="A check-in with a place of its own, chosen in the content dialog.",
        opens_in="iframe",
        custom={CHECKIN: str(checkin_id)},
        tool=tool.client_id,
        line_item=platform.gradebook.add(course.id, tool.client_id, line_item, number).id,
    )
    platform.school = changes.with_activity(platform.school, course.id, activity)


def _application(platform: CampusPlatform, tool: Tool) -> Application:
    return Application(
        name=platform.school.name,
        lms="other",
        issuer=platform.base_url,
        client_id=tool.client_id,
        auth_url=f"{platform.base_url}/authorize",
        token_url=f"{platform.base_url}/token",
        keyset_url=f"{platform.base_url}/jwks",
        deployment_id=tool.deployment_id,
    )


def _key(keyring: Keyring) -> dict[str, object]:
    pair = generate()
    return dict(registrations.new_key(keyring, pair.kid, pair.private_pem, pair.public_jwk))


def _launch(db: Session, platform: CampusPlatform, course: Course, person: Person, now: datetime) -> Viewer:
    """Let a person arrive as a launch would have let them."""
    link = course.activities[0]
    arrival = Arrival(
        state_id=f"demo {person.sub} {now.isoformat()}",
        state_expires_at=now,
        deployment_id=1,
        sub=person.sub,
        name=person.name,
        role=roles.read(person.roles[course.id]).role.value,
        is_test_user=False,
        locale=nearest(person.locale) or "en",
        frame_ancestors=origins([platform.base_url]),
        context_id=course.id,
        course_title=course.title,
        course_label=course.label,
        link_id=link.id,
        link_title=link.title,
        group_ids=frozenset(person.groups.get(course.id, ())),
    )
    viewer = resume(db, arrive(db, arrival, now).token, now)
    assert viewer is not None
    return viewer
