"""The choices of a form as templates show them: with a label in the reader's language, or the teacher's own."""

from dataclasses import dataclass
from typing import Any

from reflect.domain import forms
from reflect.domain.body_signals import SIGNALS
from reflect.domain.emotions import EMOTIONS
from reflect.domain.forms import Kind, Option
from reflect.web.language import language
from reflect.web.language import marked as _

FACES = (_("very bad"), _("bad"), _("so-so"), _("good"), _("very good"))
ENERGIES = (_("no energy"), _("little energy"), _("some energy"), _("much energy"), _("full of energy"))
ENDS = (_("not at all"), _("very much"))
COMMAS = {"ar": "، ", "ja": "、", "zh-Hans": "，"}
"""What stands between two things in languages that have a comma of their own."""
BESIDES = {
    forms.SKIP: _("I’d rather not say"),
    forms.OTHER_WORD: _("another word"),
    forms.NOT_TOLD: _("no feeling told"),
}
FORM_NAMES = {
    "faces": (_("Five faces"), _("From very bad to very good. For the youngest.")),
    "words_core": (_("16 feelings"), _("The everyday ones. Right for young children and for a quick check.")),
    "words_full": (_("56 feelings"), _("Finer words, sorted by energy. For older students.")),
    "grid": (_("Grid of 25"), _("How good it feels, and how much energy. No words needed.")),
    "energy": (_("Energy only"), _("Five steps, from none to full.")),
    "body": (_("Body signals"), _("What the body feels like, from calm to shaky.")),
    "scale": (_("From 1 to 5"), _("With two words of your own at its ends.")),
    "choices": (_("Own choices"), _("Two to eight answers in your words.")),
}


@dataclass(frozen=True, slots=True)
class OptionCard:
    """A choice; `kind` says which picture it has, the numbers are None where it says nothing of a feeling."""

    key: str
    kind: str
    word: str
    hint: str
    pleasantness: float | None
    energy: float | None
    is_feeling: bool = False


def option_cards(checkin: Any, tag: str) -> list[OptionCard]:
    """What a check-in offers, in the form's own order, without what is offered besides."""
    return [option_card(checkin, option.key, tag) for option in forms.of(checkin).offered(checkin.labels)]


def besides(checkin: Any, tag: str) -> list[OptionCard]:
    """What a check-in offers besides: another word, and to skip."""
    return [option_card(checkin, key, tag) for key in forms.of(checkin).besides]


def option_card(checkin: Any, key: str, tag: str, word: str = "") -> OptionCard:
    """The choice of an answer; `word` is the own word that came with it."""
    form = forms.of(checkin)
    if key in BESIDES:
        picture = forms.SKIP if key == forms.NOT_TOLD else key
        return OptionCard(key, picture, word or language(tag).gettext(BESIDES[key]), "", None, None)
    place, option = next((place, option) for place, option in enumerate(form.options) if option.key == key)
    if form.kind in {Kind.WORDS, Kind.IMPORTED} and key in EMOTIONS:
        emotion = EMOTIONS[key]
        hint = emotion.definition(tag, child=True)
        return OptionCard(key, "feeling", emotion.word(tag), hint, emotion.pleasantness, emotion.energy, True)
    kind = Kind.FACES if form.kind == Kind.IMPORTED else form.kind
    label, hint = _label(kind, option, place, checkin.labels or (), tag)
    return OptionCard(key, kind.value, label, hint, option.pleasantness, option.energy, _is_felt(option))


def _is_felt(option: Option) -> bool:
    return option.pleasantness is not None and option.energy is not None


def _label(kind: Kind, option: Option, place: int, labels: Any, tag: str) -> tuple[str, str]:
    say = language(tag).gettext
    if kind == Kind.BODY:
        signal = SIGNALS[option.key]
        return signal.word(tag), signal.definition(tag, child=True)
    if kind == Kind.CHOICES:
        return labels[place], ""
    if kind == Kind.SCALE:
        lowest, highest = labels or map(say, ENDS)
        end = {0: lowest, 4: highest}.get(place)
        return (f"{place + 1} – {end}" if end else str(place + 1)), ""
    if kind == Kind.GRID:
        row, column = 4 - place // 5, place % 5
        return f"{say(ENERGIES[row])}{COMMAS.get(tag, ', ')}{say(FACES[column])}", ""
    return say((FACES if kind == Kind.FACES else ENERGIES)[place]), ""


def grid_names(tag: str) -> tuple[list[str], list[str]]:
    """Names of the grid's columns, and of its rows from the top."""
    say = language(tag).gettext
    return [say(name) for name in FACES], [say(name) for name in reversed(ENERGIES)]


def form_names(tag: str) -> list[dict[str, str]]:
    """Every form a teacher may pick: key, label and hint."""
    say = language(tag).gettext
    return [{"key": key, "label": say(label), "hint": say(hint)} for key, (label, hint) in FORM_NAMES.items()]
