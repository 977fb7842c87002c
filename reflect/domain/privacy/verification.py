"""`verify-anonymity`: on the live database, that no join leads from an anonymous answer to the person who gave it.

It believes neither our models nor our migrations: it reads what tables, columns and keys the database has, and counts
what lies in them. The law it holds them against is written out here once more, in words of its own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from reflect.storage import inspections
from reflect.storage.inspections import Structure

UNSAID = "unsaid"
"""What stands for answers that are not shown: of those nobody knows what they say."""
ANSWERS: Mapping[str, frozenset[str]] = {
    "sealed_answer": frozenset({"checkin_id", "random_key", "seal"}),
    "sealed_guest_answer": frozenset({"checkin_id", "random_key", "seal"}),
    "tally": frozenset({"course_id", "checkin_id", "on_day", "choice", "count"}),
    "guest_tally": frozenset({"checkin_id", "choice", "count"}),
    "released_text": frozenset({"checkin_id", "random_key", "kind", "text"}),
    "guest_text": frozenset({"checkin_id", "random_key", "kind", "text"}),
}
"""The tables that hold what was answered, with all the columns that they may have."""
TAKING_PART = ("participation", frozenset({"checkin_id", "person_id"}))
"""The table that holds who answered."""
LEADS_ON = {"checkin_id": "checkin", "course_id": "course"}
"""The only keys that may lead on from an answer: to what was asked, and where."""
KEY_SIZE = 16


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that was looked at: what must hold, whether it does, and what was counted or found."""

    claim: str
    holds: bool
    found: str


def verify(db: Session) -> list[Proof]:
    """Everything, on one snapshot of the database."""
    live = inspections.structure(db)
    return [*_structure(live), *_contents(db)]


def _proof(claim: str, faults: Sequence[object], looked_at: str) -> Proof:
    return Proof(claim, not faults, "; ".join(map(str, faults[:10])) if faults else looked_at)


def _structure(live: Structure) -> Iterator[Proof]:
    name, columns = TAKING_PART
    expected = {**ANSWERS, name: columns}
    yield _proof(
        "Tables of answers, and of who took part, have only the columns they need: no time, no order, no person",
        list(_other_columns(live, expected)),
        f"{len(expected)} tables",
    )
    yield _proof(
        "Answers and people meet in the check-in alone, which is everybody's",
        [table for table in sorted(ANSWERS) if _held(live, table) & _held(live, name) != {"checkin_id"}],
        "one shared column",
    )
    yield from _keys(live)
    numbered = sorted(live.with_row_numbers & set(expected))
    yield _proof("Rows of these tables carry no number of their coming", numbered, f"{len(expected)} tables")
    yield _proof("No view or trigger is attached to the database", live.attached, "none")
    yield _proof("The database server keeps no times of single rows", live.recorded, "none")


def _held(live: Structure, table: str) -> frozenset[str]:
    return live.columns.get(table, frozenset())


def _other_columns(live: Structure, expected: Mapping[str, frozenset[str]]) -> Iterator[str]:
    for table, held in sorted(expected.items()):
        if differing := _held(live, table) ^ held:
            yield f"{table}: {', '.join(sorted(differing))}"


def _keys(live: Structure) -> Iterator[Proof]:
    ways = [
        f"{table}.{column} leads to {to}"
        for table, column, to in sorted(live.keys)
        if table in ANSWERS and LEADS_ON.get(column) != to
    ]
    count = sum(table in ANSWERS for table, _, _ in live.keys)
    yield _proof("From an answer keys lead to its check-in and its course, and nowhere else", ways, f"{count} keys")
    guarded = {*ANSWERS, TAKING_PART[0]}
    into = [f"{table}.{column} leads to {to}" for table, column, to in sorted(live.keys) if to in guarded]
    yield _proof("No table refers to an answer, or to somebody's taking part", into, f"{len(live.columns)} tables")


def _contents(db: Session) -> Iterator[Proof]:
    asked = {row.id: row for row in inspections.anonymous_checkins(db)}
    took_part, readable = inspections.participants(db), inspections.readable(db)
    openings = inspections.guests(db)
    totals = _summed(readable)
    # Who gave an imported answer is known to nobody here: its crowd is its own number.
    imported = {id: totals[id].total() for id, row in asked.items() if row.import_key is not None and id in totals}
    took_part = {**took_part, **imported}
    students = _Answers(asked, took_part, totals, inspections.seals(db))
    guests = _Answers(
        asked,
        {id: row.answered for id, row in openings.items()},
        _summed(inspections.readable_of_guests(db)),
        inspections.seals(db, of_guests=True),
    )
    withheld = {id: row.withheld for id, row in asked.items()}
    withheld_of_guests = {id: row.withheld for id, row in openings.items()}
    yield from _results(students, guests)
    yield _proof(
        "Every answer is readable, sealed or destroyed, exactly once",
        [*students.unbalanced(withheld), *guests.unbalanced(withheld_of_guests)],
        f"{sum(took_part.values())} participations, {sum(students.sealed.values())} sealed answers",
    )
    yield from _seals([*students.seals, *guests.seals], asked)
    traces = inspections.named_traces(db)
    yield _proof("No named answer lies at an anonymous check-in", [traces] if traces else [], f"{len(asked)} check-ins")
    yield _proof(
        "What is readable is dated with the day its check-in was opened, whenever it was given",
        [f"check-in {row.checkin_id}" for row in readable if row.on_day != asked[row.checkin_id].opened_at.date()],
        f"{len(readable)} counts",
    )
    crowds = {id: took_part.get(id, 0) for id in students.totals}
    yield _proof(
        "By any join a readable answer could be that of each who took part",
        [f"check-in {id}: {crowd}" for id, crowd in crowds.items() if crowd < asked[id].min_group_size],
        f"the smallest crowd is {min(crowds.values())}" if crowds else "nothing is readable yet",
    )


@dataclass(frozen=True, slots=True)
class _Answers:
    """The answers of students or of guests: who gave any, what can be read, and what is sealed, by check-in."""

    asked: Mapping[int, Any]
    took_part: Mapping[int, int]
    totals: Mapping[int, Counter[str]]
    seals: Sequence[Any]

    @property
    def sealed(self) -> Mapping[int, int]:
        """How many are sealed."""
        return {row.checkin_id: row.count for row in self.seals}

    def few(self) -> Iterator[str]:
        """Check-ins of which fewer answers can be read than may be."""
        for id, found in self.totals.items():
            if id not in self.asked or found.total() < self.asked[id].min_group_size:
                yield f"check-in {id}: {found.total()}"

    def unbalanced(self, withheld: Mapping[int, int]) -> Iterator[str]:
        """Check-ins whose answers are not as many as those who gave them."""
        for id in {*self.took_part, *self.totals, *self.sealed, *withheld}:
            there = sum(self.totals.get(id, {}).values()) + self.sealed.get(id, 0) + withheld.get(id, 0)
            if self.took_part.get(id, 0) != there:
                yield f"check-in {id}: {there} of {self.took_part.get(id, 0)}"


def _results(students: _Answers, guests: _Answers) -> Iterator[Proof]:
    totals = [*students.totals.items(), *guests.totals.items()]
    smallest = min((found.total() for _, found in totals), default=0)
    yield _proof(
        "What can be read is nothing, or the answers of at least k people at once",
        [*students.few(), *guests.few()],
        f"{len(students.asked)} anonymous check-ins, {len(totals)} results, the smallest of {smallest} answers",
    )
    yield _proof(
        "No result says that everybody chose the same",
        [f"check-in {id}" for id, found in totals if len(found) == 1 and set(found) != {UNSAID}],
        f"{len(totals)} results",
    )


def _seals(seals: Sequence[Any], asked: Mapping[int, Any]) -> Iterator[Proof]:
    count = f"{sum(row.count for row in seals)} seals"
    is_open = {id for id, row in asked.items() if row.closed_at is None}
    yield _proof(
        "Seals of a check-in have one size, and keys of chance",
        [f"check-in {row.checkin_id}" for row in seals if row.shortest != row.longest or row.keys != KEY_SIZE],
        count,
    )
    yield _proof(
        "Nothing is left sealed once a check-in is closed",
        [f"check-in {row.checkin_id}" for row in seals if row.checkin_id not in is_open],
        count,
    )


def _summed(rows: Sequence[Any]) -> dict[int, Counter[str]]:
    totals: dict[int, Counter[str]] = defaultdict(Counter)
    for row in rows:
        totals[row.checkin_id][row.choice] += row.count
    return totals
