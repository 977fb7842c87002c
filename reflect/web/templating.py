"""How templates are read: from one folder, everything escaped, and a name that nobody gave is a fault."""

from collections.abc import Sequence

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reflect.files import TEMPLATES


def new_environment(extensions: Sequence[str] = ()) -> Environment:
    """The project's templates, with the Jinja extensions of these names."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=extensions,
    )
