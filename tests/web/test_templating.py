"""What is worked out when a template is read, and what must not be."""

from markupsafe import Markup

from reflect.web.pages import environment
from reflect.web.templating import new_environment

HOSTILE = "<b>'&"


def test_a_call_with_nothing_but_words_is_done_once_and_any_other_on_each_page() -> None:
    asked: list[tuple[str, ...]] = []

    def say(*words: str) -> str:
        asked.append(words)
        return "-".join(words)

    env = new_environment(fixed={"say": say})
    env.globals["say"] = say
    template = env.from_string("{{ say('a', 'b') }} {{ say(name) }} {{ say('a', name) }}")
    assert [template.render(name=name) for name in "xy"] == ["a-b x a-x", "a-b y a-y"]
    assert asked.count(("a", "b")) == 1 and len(asked) == 5


def test_what_is_worked_out_is_escaped_once_wherever_it_stands() -> None:
    env = new_environment(fixed={"say": lambda words: words, "mark": Markup})
    env.globals["shown"] = lambda it: it
    source = (
        "{{ say(\"<&'\") }} {{ shown(say('<')) }} {{ mark('<i>') }} {% if say('<') %}{{ say('>') ~ name }}{% endif %}"
    )
    assert env.from_string(source).render(name="<") == "&lt;&amp;&#39; &lt; <i> &gt;&lt;"


def test_texts_are_those_of_the_environments_own_language() -> None:
    said = {tag: environment(tag).from_string("{{ _('Send') }}").render() for tag in ("en", "de", "ar")}
    assert len(set(said.values())) == 3


def test_a_field_of_a_text_is_of_its_own_page_and_escaped() -> None:
    template = environment("de").from_string("{{ _('“%(question)s” was deleted.', question=question) }}")
    first, second = (template.render(question=words) for words in (HOSTILE, "Wie war es?"))
    assert "&lt;b&gt;&#39;&amp;" in first and HOSTILE not in first
    assert "Wie war es?" in second and "&lt;b&gt;" not in second


def test_a_text_within_a_text_is_escaped_once() -> None:
    source = "{{ _('“%(question)s” was deleted.', question=_('I’d like to talk')) }}"
    assert environment("en").from_string(source).render() == "“I’d like to talk” was deleted."


def test_a_percent_sign_of_a_text_is_one_with_and_without_fields() -> None:
    template = environment("en").from_string("{{ _('100 %% of it') }} {{ _('%(n)s %% of it', n=5) }}")
    assert template.render() == "100 % of it 5 % of it"
