"""Static files that never go stale: an address with a fingerprint may be kept for ever."""

from os import PathLike, stat_result

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from reflect.web.assets import Joined, joined
from reflect.web.compression import takes_gzip


class FingerprintedFiles(StaticFiles):
    """Starlette's static files and the joined ones, with a cache rule that follows from the fingerprint."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file of this path below the folder; the joined ones lie in memory."""
        whole = joined().get(path)
        if whole is None or scope["method"] not in {"GET", "HEAD"}:
            return await super().get_response(path, scope)
        return _kept(_sent(whole, Headers(scope=scope)), scope)

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file; kept for a year if the address names its content."""
        return _kept(super().file_response(full_path, stat_result, scope, status_code), scope)


def _sent(whole: Joined, headers: Headers) -> Response:
    is_gzip = takes_gzip(headers)
    response = Response(whole.compressed if is_gzip else whole.content, media_type=whole.media_type)
    response.headers["Vary"] = "Accept-Encoding"
    if is_gzip:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _kept(response: Response, scope: Scope) -> Response:
    named = scope["query_string"].startswith(b"v=")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if named else "no-cache"
    return response
