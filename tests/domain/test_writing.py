import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.domain.answers import checked
from reflect.domain.checkins import Draft
from reflect.domain.follow_ups import Words
from reflect.domain.privacy.sealing import Content
from reflect.domain.refusals import FormRefused, Refused
from reflect.domain.responses import read_words
from reflect.domain.talks import Wish
from reflect.domain.writing import in_lines, in_one_line, is_readable, readable, seen

WRITTEN = {
    "emoji of this year": "🩷 🩵 🫨",
    "emoji of a year to come": "\U0001fafa",
    "joined": "👩‍🎓 👨‍👩‍👧",
    "drawn in colour": "❤️ ☹︎",
    "flags": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 🏳️‍🌈 🇨🇭",
    "Persian": "می‌خواهم",
    "Hindi": "क्‍ष",
    "with marks of direction": "A\u200f\u200e\u061cb",
    "French": "Vraiment\u00a0?",
    "Japanese": "はい\u3000いいえ",
    "rare": "𠮷 \U00031350",
}
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
REFUSED = [*TURNING, "\x00", "\x07", "\x1b", "\x7f", "\x9f", "\ud800", "\udfff", "\ue000", "\uf8ff", "\ufdd0", "\ufdef",
           "\ufffe", "\uffff", "\U0001ffff", "\U000efffe", "\U000f0000", "\U0010ffff"]  # fmt: skip
BLANK = [
    "\u200d",
    "\u200c\u200b",
    "\u200f \u200e",
    "\ufe0f",
    "\U000e0067\U000e007f",
    "\u3164",
    "\u2800 \u00ad",
    "\ufeff\u2060",
]
ANYTHING = st.text(st.characters(exclude_categories=()))


class Asked:
    """A check-in that asks for a word and a note."""

    form = "words_core"
    labels = None
    asks_note = True


def word(text: str) -> str:
    return checked(Asked, Content("other_word", text)).word


def note(text: str) -> str:
    return checked(Asked, Content("calm", note=text)).note


def question(text: str) -> str:
    return Draft.read({"question": text, "question_key": ""}).question


def reply(text: str) -> str:
    return read_words(text, "reply", 300)


def label(text: str) -> str:
    form = {"question": "How?", "answer_form": "choices", "label-1": "Other", "label-2": text}
    labels = Draft.read(form).labels
    assert labels is not None
    return labels[1]


def follow_up(text: str) -> str:
    return Words.read({"words": text}).words


def talk(text: str) -> str:
    return Wish.read({"message": text}).message


CHECKED = [word, note, question, reply, label, follow_up]
Reader = Callable[[str], str]


@pytest.mark.parametrize("kind", WRITTEN)
@pytest.mark.parametrize("read", [*CHECKED, talk])
def test_what_people_of_all_languages_write_is_kept_as_it_is(read: Reader, kind: str) -> None:
    kept = read(WRITTEN[kind])
    assert kept.split() == WRITTEN[kind].split()


@pytest.mark.parametrize("sign", REFUSED, ids=ascii)
@pytest.mark.parametrize("read", CHECKED)
def test_a_sign_that_nobody_can_read_or_that_turns_what_stands_beside_it_is_refused(read: Reader, sign: str) -> None:
    with pytest.raises((FormRefused, Refused)):
        read(f"a{sign}b")


@pytest.mark.parametrize("sign", REFUSED, ids=ascii)
def test_it_costs_nobody_a_talk(sign: str) -> None:
    assert talk(f"a{sign}b") == "ab"


@pytest.mark.parametrize("text", BLANK, ids=ascii)
def test_a_text_of_which_nothing_is_seen_is_empty(text: str) -> None:
    assert (note(text), reply(text), talk(text)) == ("", "", "")
    for read in (word, question, label, follow_up):
        with pytest.raises((FormRefused, Refused)):
            read(text)


def test_lines_and_tabs_stay_where_there_are_lines() -> None:
    assert note(" one\t1 \r\n\rtwo\n") == follow_up(" one\t1 \r\n\rtwo\n") == "one\t1\n\ntwo"
    assert question("How\n was\tit?") == "How was it?"


@given(st.characters(exclude_categories=()))
def test_exactly_these_signs_are_not_readable(sign: str) -> None:
    is_control = unicodedata.category(sign) == "Cc" and sign not in "\t\n"
    is_nobodys = (
        unicodedata.category(sign) in {"Cs", "Co"} or ord(sign) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(sign) <= 0xFDEF
    )
    assert is_readable(sign) == (not is_control and not is_nobodys and sign not in TURNING)


@given(ANYTHING)
def test_what_is_left_of_a_text_is_readable_and_the_rest_of_it(text: str) -> None:
    left = readable(text)
    assert is_readable(left) and left == "".join(sign for sign in text if is_readable(sign))
    assert is_readable(text) == (left == text)


@given(ANYTHING)
def test_to_tidy_a_text_twice_is_to_tidy_it_once_and_never_breaks_a_line(text: str) -> None:
    line, lines = in_one_line(text), in_lines(text)
    assert in_one_line(line) == line and len(line.splitlines()) <= 1 and not {*line} & {*"\n\r\t"}
    assert in_lines(lines) == lines and "\r" not in lines
    assert bool(line) == bool(lines) == bool(seen(text).strip())


@given(st.text(st.characters(categories=("L", "N", "P", "Sm", "Sc"), exclude_characters="\u3164\u115f\u1160\uffa0")))
def test_whatever_has_ink_is_seen(text: str) -> None:
    assert seen(text) == text
