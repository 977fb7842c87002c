"""Templates to pages."""

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from reflect.demo.platform import CampusPlatform
from reflect.files import TEMPLATES


class Templates:
    """The campus's templates; it speaks English, whatever its people speak."""

    def __init__(self, platform: CampusPlatform) -> None:
        self.platform = platform
        loader = FileSystemLoader(TEMPLATES)
        self.environment = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, extensions=["jinja2.ext.i18n"]
        )
        self.environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]

    def page(self, name: str, status: int = 200, **shown: object) -> HTMLResponse:
        """Return the page of this name; none is kept by the browser, since a launch works once."""
        template = self.environment.get_template(f"demo/{name}.html")
        html = template.render(shown, school=self.platform.school)
        return HTMLResponse(html, status, headers={"cache-control": "no-store"})
