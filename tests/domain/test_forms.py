import pytest

from reflect.domain.answers import Outcome
from reflect.domain.body_signals import SIGNALS
from reflect.domain.checkins import Draft
from reflect.domain.emotions import EMOTIONS
from reflect.domain.forms import DEFAULT, FORMS, MOST_CHOICES, OFFERED, OTHER_WORD, SKIP, Kind
from reflect.domain.refusals import FormRefused, Refused
from reflect.storage.database import Database
from tests.classroom import classroom, counts

FIELDS = {"choices": {"label-1": "Too fast", "label-3": "Just right"}}


def labels(form: str, **fields: str) -> list[str] | None:
    return FORMS[form].read_labels(fields)


def fault(form: str, **fields: str) -> str:
    with pytest.raises(FormRefused) as refused:
        labels(form, **fields)
    return refused.value.errors["labels"]


def test_a_key_means_one_thing_in_all_forms() -> None:
    feelings = set(EMOTIONS)
    others = [option.key for form in OFFERED.values() if form.kind != Kind.WORDS for option in form.options]
    assert len(others) == len(set(others))
    assert not feelings & {*others, SKIP, OTHER_WORD}


def test_every_form_can_be_skipped_and_words_may_be_own() -> None:
    assert all(SKIP in form.keys for form in OFFERED.values())
    assert [form.key for form in OFFERED.values() if OTHER_WORD in form.keys] == ["words_core", "words_full"]


def test_the_sizes_of_the_forms() -> None:
    sizes = {key: len(form.options) for key, form in OFFERED.items()}
    assert sizes == {
        "faces": 5, "words_core": 16, "words_full": 56, "grid": 25, "energy": 5, "body": 12, "scale": 5, "choices": 8,
    }  # fmt: skip
    assert DEFAULT == "words_core"


def test_a_form_of_feelings_or_signals_keeps_no_labels_of_its_own() -> None:
    assert [labels(form, **{"label-1": "a", "label-2": "b", "lowest": "c"}) for form in ("words_core", "body")] == [
        None,
        None,
    ]


def test_own_choices_are_tidied_and_gaps_close() -> None:
    assert labels("choices", **{"label-2": "  Too \n fast", "label-8": "می‌روم"}) == ["Too fast", "می‌روم"]


def test_a_scale_has_both_ends_or_the_ones_it_brings() -> None:
    assert labels("scale") is None
    assert labels("scale", lowest="cold", highest="hot") == ["cold", "hot"]
    assert fault("scale", lowest="cold") == "labels_too_few"


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("", "labels_too_few"),
        ("x" * 41, "label_too_long"),
        ("a\x00b", "label_unprintable"),
        ("too FAST", "labels_alike"),
    ],
)
def test_labels_that_do_not_do_are_refused(second: str, expected: str) -> None:
    assert fault("choices", **{"label-1": "Too fast", "label-2": second}) == expected


def test_a_fault_of_labels_is_told_with_the_others() -> None:
    with pytest.raises(FormRefused) as refused:
        Draft.read({"answer_form": "choices", "manner": "oil"})
    assert refused.value.errors == {"manner": "choose", "question": "question_missing", "labels": "labels_too_few"}


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
@pytest.mark.parametrize("form", OFFERED)
def test_every_choice_of_every_form_can_be_given_and_is_counted(database: Database, form: str, anonymity: str) -> None:
    room = classroom(database, 6)
    checkin_id = room.open(anonymity, k=3, answer_form=form, **FIELDS.get(form, {}))
    offered = FORMS[form].offered(room.checkin(checkin_id).labels)
    keys = [*(option.key for option in offered), SKIP][-4:]
    for student, key in zip(room.students, keys, strict=False):
        assert room.answer(student, checkin_id, key) == Outcome.GIVEN
    for student in room.students[len(keys) :]:
        room.answer(student, checkin_id, keys[0])
    room.close(checkin_id)
    seen = {key: count for key, count in counts(room.for_staff(checkin_id)).items() if count}
    assert seen.keys() <= set(keys)
    assert sum(seen.values()) + room.for_staff(checkin_id).unsaid == 6


def test_a_choice_beyond_the_own_ones_is_refused(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("named", answer_form="choices", **FIELDS["choices"])
    assert room.checkin(checkin_id).labels == ["Too fast", "Just right"]
    for key in ("choice_3", f"choice_{MOST_CHOICES}", OTHER_WORD):
        with pytest.raises(Refused, match="choice_missing"):
            room.answer(room.students[0], checkin_id, key, word="mine")


def test_an_ordered_form_keeps_its_order_with_what_nobody_chose_and_skip_at_the_end(database: Database) -> None:
    room = classroom(database, 3)
    checkin_id = room.open("named", answer_form="scale")
    for student, key in zip(room.students, (SKIP, "scale_4", "scale_2"), strict=True):
        room.answer(student, checkin_id, key)
    assert list(counts(room.for_staff(checkin_id)).items()) == [
        ("scale_1", 0), ("scale_2", 1), ("scale_3", 0), ("scale_4", 1), ("scale_5", 0), (SKIP, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "note", "code"),
    [
        (" ", "", "word_missing"),
        ("x" * 31, "", "word_too_long"),
        ("a\x00b", "", "word_unprintable"),
        ("fine", "x" * 501, "note_too_long"),
        ("fine", "a\x00b", "note_unprintable"),
    ],
)
@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_a_text_that_does_not_do_is_refused(
    database: Database, anonymity: str, word: str, note: str, code: str
) -> None:
    room = classroom(database, 1)
    checkin_id = room.open(anonymity, asks_note="yes")
    with pytest.raises(Refused, match=code):
        room.answer(room.students[0], checkin_id, OTHER_WORD, word=word, note=note)
    assert room.for_staff(checkin_id).answered == 0


def test_a_note_that_was_not_asked_for_is_not_kept(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("named")
    room.answer(room.students[0], checkin_id, "calm", note="x" * 501)
    assert room.for_staff(checkin_id).people[0].note == ""


def test_every_signal_of_the_body_explains_itself() -> None:
    assert all(
        it.word("de") and it.definition("en", child=True) != it.definition("en", child=False) for it in SIGNALS.values()
    )
