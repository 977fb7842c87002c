"""Templates to pages."""

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from reflect.demo.platform import CampusPlatform
from reflect.files import TEMPLATES


class Templates:
    """The campus's templates; it speaks English, whatever its people speak."""

    def __init__(self, platform: CampusPlatform) -> None:
        self.platform = platform

    def page(self, name: str, status: int = 200, **shown: object) -> HTMLResponse:
        """Return the page of this name; none is kept by the browser, since a launch works once."""
        template = _environment().get_template(f"demo/{name}.html")
        html = template.render(shown, school=self.platform.school)
        return HTMLResponse(html, status, headers={"cache-control": "no-store"})


@cache
def _environment() -> Environment:
    """What every campus of a process renders with, so that each template is read once."""
    loader = FileSystemLoader(TEMPLATES)
    found = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, extensions=["jinja2.ext.i18n"])
    found.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    return found
