from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from reflect.domain import admins, audit, drafts, invitations
from reflect.domain.admins import IDLE, AdminSessionMissing, Appointment
from reflect.domain.privacy.retention import purge
from reflect.domain.refusals import FormRefused, Refused
from reflect.storage.admins import AdminInvitation, AdminSession, AuditEntry, Role
from reflect.storage.database import Database
from reflect.storage.registering import RegistrationDraft, RegistrationInvitation

NOW = datetime(2026, 9, 7, 8, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def test_an_invitation_to_the_same_person_is_another_way_in_not_another_administrator(database: Database) -> None:
    def work(db: Session) -> int:
        first = admins.invite(db, "Ada@fablehill.example", "reflect", NOW)
        second = admins.invite(db, "ada@fablehill.example", "reflect", NOW)
        assert first != second
        assert admins.accept(db, first, "x", NOW) != admins.accept(db, second, "x", NOW)
        return len(admins.listed(db, NOW))

    assert database.write_now(work) == 1


def test_who_is_no_administrator_cannot_be_signed_in(database: Database) -> None:
    with pytest.raises(Refused) as refused:
        database.write_now(lambda db: admins.sign_in(db, "nobody@fablehill.example", "x", NOW))
    assert refused.value.code == "admin_unknown"
    with pytest.raises(AdminSessionMissing):
        database.read_now(lambda db: admins.resume(db, "made-up", NOW))


def test_a_purge_forgets_what_the_portal_need_not_keep(database: Database) -> None:
    def work(db: Session) -> None:
        admins.accept(db, admins.invite(db, "ada@fablehill.example", "reflect", NOW), "x", NOW)
        invitations.invite(db, "Old", "moodle", "reflect", NOW)
        drafts.begin(db, {"name": "Old", "lms": "moodle"}, "reflect", NOW)
        later = NOW + 400 * DAY
        admins.accept(db, admins.invite(db, "bo@fablehill.example", "reflect", later), "x", later)
        invitations.invite(db, "New", "moodle", "reflect", later)
        drafts.begin(db, {"name": "New", "lms": "moodle"}, "reflect", later)

    database.write_now(work)
    report = database.write_now(lambda db: purge(db, 365, NOW + 400 * DAY + IDLE / 2))
    assert report.sessions == 1

    def left(db: Session) -> list[int]:
        tables = (AdminInvitation, AdminSession, RegistrationInvitation, RegistrationDraft, AuditEntry)
        return [len(db.exec(select(table)).all()) for table in tables]

    assert database.read_now(left) == [1, 1, 1, 1, 3]
    assert len(database.read_now(lambda db: admins.listed(db, NOW))) == 2
    actions = [entry.action for entry in database.read_now(audit.newest)]
    assert actions == ["registration_invited", "admin_signed_in", "admin_invited"]


LEADER = Appointment(Role.LEADER)


def test_nobody_comes_to_be_something_else_by_an_invitation(database: Database) -> None:
    def work(db: Session) -> None:
        admins.invite(db, "ada@fablehill.example", "reflect", NOW)
        admins.invite(db, "owl@fablehill.example", "reflect", NOW, LEADER)
        for email, appointment in (("ada@fablehill.example", LEADER), ("owl@fablehill.example", Appointment())):
            with pytest.raises(FormRefused) as refused:
                admins.invite(db, email, "reflect", NOW, appointment)
            assert refused.value.errors == {"email": "appointed_otherwise"}
        assert [it.admin.role for it in admins.listed(db, NOW)] == ["administrator", "leader"]

    database.write_now(work)


def test_a_leader_of_no_registration_is_not_invited(database: Database) -> None:
    with pytest.raises(FormRefused) as refused:
        database.write_now(
            lambda db: admins.invite(db, "owl@fablehill.example", "reflect", NOW, Appointment(Role.LEADER, 99))
        )
    assert refused.value.errors == {"registration": "choose"}


def test_leaders_do_not_make_the_last_administrator_removable(database: Database) -> None:
    def work(db: Session) -> None:
        admins.invite(db, "ada@fablehill.example", "reflect", NOW)
        admins.invite(db, "owl@fablehill.example", "reflect", NOW, LEADER)
        ada, owl = (it.admin.id for it in admins.listed(db, NOW))
        assert ada and owl
        with pytest.raises(Refused) as refused:
            admins.remove(db, ada, "ada@fablehill.example", NOW)
        assert refused.value.code == "admin_last"
        admins.remove(db, owl, "ada@fablehill.example", NOW)
        assert audit.newest(db)[0].action == "leader_removed"

    database.write_now(work)


@pytest.mark.parametrize(
    "form",
    [{"role": "owner"}, {"role": "leader", "registration": "x"}, {"role": "leader", "registration": "9" * 20}],
)
def test_what_is_no_appointment_is_refused(form: dict[str, str]) -> None:
    with pytest.raises(FormRefused):
        Appointment.read(form)


def test_an_administrator_is_of_no_registration() -> None:
    assert Appointment.read({"role": "administrator", "registration": "1"}) == Appointment()
    assert Appointment.read({}) == Appointment()
    assert Appointment.read({"role": "leader", "registration": "1"}) == Appointment(Role.LEADER, 1)
