"""Static files that never go stale: an address with a fingerprint may be kept for ever."""

from os import PathLike, stat_result

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class FingerprintedFiles(StaticFiles):
    """Starlette's static files with a cache rule that follows from the fingerprint."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file; kept for a year if the address names its content."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        kept = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        return response
