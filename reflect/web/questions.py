"""The question library at a public address: whoever wants to know what a class may be asked can read it in advance."""

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain.questions import QUESTIONS, Question, by_category
from reflect.web.pages import language_of, render
from reflect.web.sessions import passer_by
from reflect.web.wordings import CATEGORIES, age_band, category_label

LONGEST_SEARCH = 100


async def index(request: Request) -> Response:
    """All questions by category; `q`, `category` and `age` narrow them down. Nobody needs to sign in."""
    viewer = await passer_by(request)
    tag, asked = language_of(request, viewer), request.query_params
    words, category, age = asked.get("q", "")[:LONGEST_SEARCH], asked.get("category", ""), _age(asked.get("age", ""))
    groups = [
        {
            "key": name.value,
            "label": category_label(name, tag),
            "questions": [
                {"text": it.text(tag), "ages": age_band(it, tag)} for it in questions if _fits(it, words, age, tag)
            ],
        }
        for name, questions in by_category().items()
        if category in ("", name.value)
    ]
    return render(
        request,
        "questions/index.html",
        viewer=viewer,
        groups=[group for group in groups if group["questions"]],
        categories=[(name.value, category_label(name, tag)) for name in by_category()],
        total=len(QUESTIONS),
        search={"q": words, "category": category if category in CATEGORIES else "", "age": age},
    )


def _age(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else None


def _fits(question: Question, words: str, age: int | None, tag: str) -> bool:
    """Whether every word occurs in the question, and its ages include this one."""
    text = question.text(tag).casefold()
    if not all(word in text for word in words.casefold().split()):
        return False
    return age is None or (question.from_age <= age and (question.to_age is None or age <= question.to_age))
