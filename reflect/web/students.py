"""Students one by one, for their teachers: the list by name, and what each has answered with their name."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from babel.dates import format_date
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import follow_ups, students
from reflect.domain.follow_ups import LONGEST
from reflect.domain.insights.feelings import place
from reflect.domain.insights.own_usual import Change
from reflect.domain.reflections import Reflection
from reflect.domain.sessions import Viewer
from reflect.domain.students import Followed, Listed
from reflect.web import accesses
from reflect.web.field_errors import FIELD_ERRORS
from reflect.web.house import house_of
from reflect.web.language import language
from reflect.web.language import marked as _
from reflect.web.months import months
from reflect.web.options import option_card
from reflect.web.pages import language_of, render
from reflect.web.reflections import question_in
from reflect.web.responses import shown as response_shown
from reflect.web.sessions import visit
from reflect.web.talk_cards import talk_card
from reflect.web.trends import HEIGHT, WIDTH, trend
from reflect.web.wordings import person_name

CHANGES = {
    Change.TOO_FEW: _(
        "Too few to tell: it takes eight answers within twelve weeks that say how pleasant something is, to see what "
        "is usual for somebody."
    ),
    Change.MUCH_LESS: _("The last three answers are much less pleasant than usual for this student."),
    Change.LESS: _("The last three answers are less pleasant than usual for this student."),
    Change.AS_USUAL: _("The last three answers are about as pleasant as usual for this student."),
    Change.MORE: _("The last three answers are more pleasant than usual for this student."),
    Change.MUCH_MORE: _("The last three answers are much more pleasant than usual for this student."),
}


async def index(request: Request) -> Response:
    """The course's students by name, all of them or those whose name has these words in it."""
    words = " ".join(request.query_params.get("q", "").split())[:100]

    def work(db: Session, viewer: Viewer) -> tuple[list[Listed], Sequence[Any]]:
        return students.of_course(db, viewer), follow_ups.of_former(db, viewer)

    viewer, (found, former) = await visit(request, work, course_id=request.path_params["course_id"])
    tag = language_of(request, viewer)
    cards = sorted((_listed(it, tag) for it in found), key=lambda card: str(card["name"]).casefold())
    return render(
        request,
        "students/index.html",
        viewer=viewer,
        tab=viewer.tab,
        words=words,
        total=len(cards),
        students=[card for card in cards if words.casefold() in str(card["name"]).casefold()],
        former=[{"id": row.id, "name": person_name(row.name, row.sub, "learner", tag)} for row in former],
    )


async def show(request: Request) -> Response:
    """One student's page; its opening is written down, and shown to that student."""
    return await page(request, request.path_params["person_id"], {}, {})


async def talks(request: Request) -> Response:
    """What a student asked this adult, or any; apart from their answers."""
    person_id = request.path_params["person_id"]
    viewer, (student, found) = await visit(
        request,
        lambda db, viewer: students.talks_with(db, viewer, person_id),
        course_id=request.path_params["course_id"],
    )
    tag = language_of(request, viewer)
    return render(
        request,
        "students/talks.html",
        viewer=viewer,
        student={"id": student.id, "name": person_name(student.name, student.sub, "learner", tag)},
        talks=[talk_card(told, tag) for told in found],
    )


async def page(request: Request, person_id: int, fields: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    """A student's page, with a note that was typed for it and what is wrong with that."""
    now = house_of(request).now()
    viewer, found = await visit(
        request,
        lambda db, viewer: students.follow(db, viewer, person_id, now),
        course_id=request.path_params["course_id"],
    )
    await accesses.note_students(request, viewer, [person_id], "page")
    tag = language_of(request, viewer)
    return render(
        request,
        "students/show.html",
        viewer=viewer,
        status=422 if errors else 200,
        headers={"Reflect-Error": "form"} if errors else None,
        **_page(found, tag),
        longest=LONGEST,
        form={"words": "", "back_on": "", **fields},
        errors=said(errors, tag),
    )


def said(errors: Mapping[str, str], tag: str) -> dict[str, str]:
    """What is wrong with a note, in words."""
    return {field: language(tag).gettext(FIELD_ERRORS[code]) for field, code in errors.items()}


def day_words(day: date, tag: str) -> str:
    """A day, without a time."""
    return format_date(day, "long", locale=language(tag).cldr)


def _listed(it: Listed, tag: str) -> dict[str, Any]:
    last = it.last_answered_on
    return {
        "id": it.id,
        "name": person_name(it.name, it.sub, "learner", tag),
        "last_answered_on": day_words(last, tag) if last else "",
    }


def _page(found: Followed, tag: str) -> dict[str, Any]:
    cards = [_answer(it, found, tag) for it in found.named]
    felt = [(it["emotion"]["pleasantness"], it["emotion"]["energy"]) for it in cards if it["emotion"]]
    student = found.student
    return {
        "student": {"id": student.id, "name": person_name(student.name, student.sub, "learner", tag)},
        "change": language(tag).gettext(CHANGES[found.change]),
        "answers": cards[::-1],
        "months": months([(found.answered_on[card["checkin_id"]], card) for card in cards], language(tag).cldr),
        "trend": trend(felt) if len(felt) > 1 else None,
        "trend_box": f"0 0 {WIDTH} {HEIGHT}",
        "follow_ups": [
            {
                "id": row.id,
                "words": row.words,
                "back_on": day_words(row.back_on, tag) if row.back_on else "",
                "is_due": row.back_on is not None and row.back_on <= found.today,
                "written_at": row.written_at,
            }
            for row in found.follow_ups
        ],
    }


def _answer(it: Reflection, found: Followed, tag: str) -> dict[str, Any]:
    option, felt = option_card(it, it.choice, tag, it.word), place(it.form, it.choice)
    return {
        "checkin_id": it.checkin_id,
        "question": question_in(it, tag),
        "word": option.word,
        "note": it.note,
        "emotion": felt
        and {
            "key": it.emotion.key if it.emotion else "",
            "word": option.word,
            "pleasantness": felt[0],
            "energy": felt[1],
        },
        "answered_at": it.answered_at,
        "response": response_shown(found.responses.get(it.checkin_id), tag),
    }
