"""How templates are read: from one folder, everything escaped, and a name that nobody gave is a fault.

What is the same on every page of an environment, above all its texts, is worked out when a template is read.
"""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import escape

from reflect.files import TEMPLATES

Fixed = Mapping[str, Callable[..., str]]
"""Functions that say the same to the same words for as long as a process lives, by their names in templates."""


class _Templates(Environment):
    """The project's templates. A call of a `fixed` function with nothing but words is done once, not on every page."""

    fixed: Fixed

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """A plain dict: Jinja's ChainMap, asked for every name at every include, took an eighth of a page's time."""
        return {**self.globals, **(d or {})}

    def _generate(self, source: nodes.Template, *names: Any, **options: Any) -> str:
        return super()._generate(_WorkedOut(self).visit(source), *names, **options)


class _WorkedOut(NodeTransformer):
    """Puts the result in the place of each call that always has the same."""

    def __init__(self, environment: _Templates) -> None:
        self._environment = environment

    def visit_Call(self, call: nodes.Call) -> nodes.Node:  # noqa: N802 - the visitor's name for it
        self.generic_visit(call)
        say = self._environment.fixed.get(call.node.name) if isinstance(call.node, nodes.Name) else None
        if say is None or call.kwargs or call.dyn_args or call.dyn_kwargs:
            return call
        words = [argument.value for argument in call.args if isinstance(argument, nodes.Const)]
        if len(words) < len(call.args):
            return call
        return nodes.TemplateData(str(escape(say(*words))), lineno=call.lineno, environment=self._environment)


def new_environment(extensions: Sequence[str] = (), fixed: Fixed | None = None) -> Environment:
    """The project's templates, with the Jinja extensions of these names, and what is `fixed` in them. Nothing is added
    to its globals once the first template was read."""
    environment = _Templates(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,  # all of them: there are as many as files, and one that is looked for is not moved about
        extensions=extensions,
    )
    environment.fixed = fixed or {}
    environment.globals.update(environment.fixed)
    return environment
