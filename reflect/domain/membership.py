"""What a launch makes of a person: who they are here, what they may do, and where they should land."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from reflect.domain import deep_links, groups, identities, sessions
from reflect.domain.capabilities import STAFF
from reflect.domain.checkins import is_there_for
from reflect.domain.copies import recognise
from reflect.domain.identities import Institution
from reflect.domain.refusals import Refused
from reflect.domain.services import Services
from reflect.domain.services import remember as remember_services
from reflect.storage import checkins, copies, courses, people, standings
from reflect.storage.courses import Course, ResourceLink
from reflect.storage.people import Enrolment
from reflect.storage.prepared import Question
from reflect.storage.services import checkin_of_column
from reflect.storage.sessions import use_state
from reflect.storage.tables import key_of


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the domain needs of a verified launch."""

    state_id: str
    state_expires_at: datetime
    deployment_id: int
    sub: str | None
    name: str
    role: str
    is_test_user: bool
    locale: str
    frame_ancestors: str
    context_id: str | None
    course_title: str
    course_label: str
    link_id: str | None
    link_title: str
    checkin_id: int | None = None
    """The check-in that the link was made for; believed only if it is the course's own, or a copy is."""
    history: str = ""
    """LTI ids of the contexts that this course was copied from."""
    reviewed_column: str | None = None
    """The gradebook column whose marks somebody wants to review; they may come without the link's custom values."""
    group_ids: frozenset[str] | None = None
    """The platform's ids of the course's groups that the person is in; None where it does not say."""
    services: Services | None = None
    vouched: tuple[object, ...] | None = None
    """The platform and deployment that the launch was verified with, as `standings.vouched` has them, where they were
    remembered and not read; they must still be so."""
    deep_link: deep_links.Wish | None = None


class Outdated(Exception):
    """The registration or the deployment is no longer what the launch was verified with; nothing has been done."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """The session that a launch began, and where it leads."""

    tab: str
    token: str
    course_id: int
    checkin_id: int | None
    is_deep_link: bool = False


def arrive(db: Session, arrival: Arrival, now: datetime, institution: Institution | None = None) -> Welcome:
    """Use up the launch's state and begin the person's session; with an institution that they must sign in at, one that
    waits until they have.

    Raises Refused `state_used` on a second try, Outdated where what vouched for the launch has changed.
    """
    kind, lti_id = ("context", arrival.context_id) if arrival.context_id else ("link", arrival.link_id)
    if lti_id is None:
        raise Refused("context" if use_state(db, arrival.state_id, arrival.state_expires_at) else "state_used")
    about = standings.Whereabouts(arrival.deployment_id, kind, lti_id, arrival.link_id, arrival.sub)
    is_first, known = standings.take_up(db, arrival.state_id, arrival.state_expires_at, about)
    if not is_first:
        raise Refused("state_used")
    if arrival.vouched is not None and (known is None or standings.vouched(known) != arrival.vouched):
        raise Outdated
    course_id = _course(db, arrival, kind, lti_id, known, now)
    person_id = _person(db, arrival, known, now)
    is_preview, enrolling = _enrol(db, arrival, known, person_id, course_id, now.date() if institution else None)
    if arrival.group_ids is not None and arrival.sub is not None:
        groups.join(db, course_id, person_id, arrival.group_ids)
    awaits = institution is not None and not identities.is_linked(db, person_id, institution, now.date())
    stay = sessions.Stay(
        person_id, course_id, arrival.role, is_preview, arrival.locale, arrival.frame_ancestors, awaits_sign_in=awaits
    )
    tab, token = sessions.begin(db, stay, now, besides=enrolling)
    checkin_id = _checkin_of_link(db, arrival, known, stay)
    if arrival.services is not None:
        remember_services(db, course_id, checkin_id, arrival.services, known, now)
    if arrival.deep_link is not None:
        deep_links.begin(db, sessions.fingerprint(token), arrival.deep_link)
    return Welcome(tab, token, course_id, checkin_id, arrival.deep_link is not None)


def _course(db: Session, arrival: Arrival, kind: str, lti_id: str, known: Any, now: datetime) -> int:
    today, names = now.date(), (arrival.course_title, arrival.course_label)
    if known.course_id is None:
        course = Course(
            deployment_id=arrival.deployment_id, kind=kind, lti_id=lti_id, title=names[0], label=names[1],
            created_at=now, last_active_on=today, history=arrival.history,
        )  # fmt: skip
        return _added(db, course)
    history = arrival.history or known.history
    if (known.title, known.label, known.history, known.last_active_on) != (*names, history, today):
        courses.touch_course(db, known.course_id, *names, history, today)
    return int(known.course_id)


def _checkin_of_link(db: Session, arrival: Arrival, known: Any, stay: sessions.Stay) -> int | None:
    """Remember the placement; the check-in it opens, if it has one of its own that is there for this person."""
    if arrival.link_id is None:
        return None
    if known.link_id is None:
        link = ResourceLink(
            deployment_id=arrival.deployment_id,
            course_id=stay.course_id,
            lti_id=arrival.link_id,
            title=arrival.link_title,
        )
        _added(db, link)
    checkin = _named_checkin(db, arrival, stay.course_id)
    if checkin is None and arrival.checkin_id is not None and not arrival.history:
        recognise(db, stay, arrival.checkin_id)
    return int(checkin.id) if checkin is not None and is_there_for(db, stay, checkin) else None


def _named_checkin(db: Session, arrival: Arrival, course_id: int) -> Any:
    """The check-in that a link was made for by its id, or that a review is of by its gradebook column.

    Other launches do not go by the column: in Open edX all links of one block share it. In a copied course the link
    still names the original's check-in. Ids of other courses are never followed; a copy that a teacher brought over
    takes the original's place.
    """
    if arrival.checkin_id is not None:
        named = checkins.find(db, arrival.checkin_id)
        if named is not None and named.course_id == course_id:
            return named
        return copies.copy_of(db, course_id, arrival.checkin_id)
    if arrival.reviewed_column is None:
        return None
    found = checkin_of_column(db, course_id, arrival.reviewed_column)
    return checkins.find(db, found) if found is not None else None


def _person(db: Session, arrival: Arrival, known: Any, now: datetime) -> int:
    if known.person_id is None:
        sub = arrival.sub if arrival.sub is not None else f"guest {secrets.token_hex(16)}"
        return people.add(db, arrival.deployment_id, sub, arrival.name, is_guest=arrival.sub is None, now=now)
    if known.name != arrival.name:
        people.rename(db, known.person_id, arrival.name)
    return int(known.person_id)


def _enrol(
    db: Session, arrival: Arrival, known: Any, person_id: int, course_id: int, vouched_on: date | None
) -> tuple[bool, Sequence[Question]]:
    """Write down what the person is in the course: whether this session is one that is counted nowhere, and what is
    still to be done for it.

    A teacher who switches the LMS to the student's role arrives as a learner under the same `sub`. That makes a
    preview, not a student: staff stay staff, and what they try is not kept. Who has left as a teacher does not switch:
    they are what they come as now.
    """
    if arrival.sub is None:
        return arrival.is_test_user, ()
    is_staff = arrival.role in STAFF
    if known.role is None:
        enrolling = people.enrolling(
            person_id=person_id,
            course_id=course_id,
            role=arrival.role,
            launched_as_staff=is_staff,
            is_test_user=arrival.is_test_user,
            is_active=True,
            vouched_on=vouched_on,
        )
        return arrival.is_test_user, (enrolling,)
    if arrival.role == "author":
        return bool(known.is_test_user), ()  # a content dialog that names no role says nothing about one
    is_switched = known.role in STAFF and bool(known.is_active) and arrival.role == "learner"
    vouched_on = None if is_switched else vouched_on or known.vouched_on
    as_known = known.role, known.launched_as_staff, known.is_test_user, known.is_active, known.vouched_on
    if is_switched and known.vouched_on is not None:
        db.get_one(Enrolment, (person_id, course_id)).vouched_on = None
        db.flush()
    elif not is_switched and as_known != (arrival.role, is_staff, arrival.is_test_user, True, vouched_on):
        enrolment = db.get_one(Enrolment, (person_id, course_id))
        enrolment.role, enrolment.launched_as_staff = arrival.role, is_staff
        enrolment.is_test_user, enrolment.is_active = arrival.is_test_user, True
        enrolment.vouched_on = vouched_on
        db.flush()
    return arrival.is_test_user or is_switched, ()


def _added(db: Session, row: Course | ResourceLink) -> int:
    db.add(row)
    db.flush()
    return key_of(row)
