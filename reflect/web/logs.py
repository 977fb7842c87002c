"""The log: one line an event, JSON or plain, with codes and numbers and never a name, an address or a token."""

import json
import logging
import secrets
import sys
import time
from contextvars import ContextVar
from typing import Any, Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}

LONGEST_PATH = 200


_number: ContextVar[list[str] | None] = ContextVar("number", default=None)


def begin_request() -> None:
    """From here on lines of the log belong to another request."""
    _number.set([])


def number() -> str:
    """The number that is shown with a refusal and stands in each later line of its request, also of work it began.

    It is drawn by the first line that is a warning, never taken from a proxy or told to one: a proxy's log knows
    addresses of networks, and whoever joins the two shall learn nothing. What goes well has no number and no line.
    """
    drawn = _number.get()
    if drawn is None:
        return secrets.token_hex(4)
    if not drawn:
        drawn.append(secrets.token_hex(4))
    return drawn[0]


_plain_record = logging.getLogRecordFactory()


def _record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """A record that knows its request's number; a line may be written by another thread, which does not."""
    record = _plain_record(*args, **kwargs)
    drawn = _number.get()
    if drawn or (drawn is not None and record.levelno >= logging.WARNING):
        record.request_number = number()
    return record


logging.setLogRecordFactory(_record)


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, event and whatever was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_extras(record),
        }
        return json.dumps(line, ensure_ascii=False)


class PlainLines(logging.Formatter):
    """The same for a console."""

    def format(self, record: logging.LogRecord) -> str:
        extras = "".join(f" {name}={value}" for name, value in _extras(record).items())
        return f"{self.formatTime(record, '%H:%M:%S')} {record.levelname.lower():7} {record.getMessage()}{extras}"


def _extras(record: logging.LogRecord) -> dict[str, object]:
    """What was given as `extra`; of an exception its kind only, since its message may hold what somebody typed."""
    extras = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    if "request_number" in extras:
        extras["number"] = extras.pop("request_number")
    if record.exc_info and record.exc_info[0]:
        extras["kind"] = record.exc_info[0].__name__
    return extras


def configure(form: Literal["json", "console"], level: int) -> None:
    """Send every log line of the process to standard error in one form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else PlainLines())
    logging.basicConfig(handlers=[handler], level=level, force=True)


def told_path(path: str) -> str:
    """A path as a log may hold it: one short line, and whoever reads the log shall not be able to answer as a guest."""
    if path.lstrip("/").lower().startswith("c/"):
        return "/c/…"
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in path[:LONGEST_PATH])


class AccessLog:
    """One line a request, for who looks for a fault: method, path, status, milliseconds. No query, no address, nobody.

    Written only at level DEBUG. Who did what at which second is nothing to keep by default, and balancers count.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.log = logging.getLogger("reflect.access")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.log.isEnabledFor(logging.DEBUG):
            return await self.app(scope, receive, send)
        began, status = time.perf_counter(), 500

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        finally:
            took = round((time.perf_counter() - began) * 1000, 1)
            facts = {"method": scope["method"], "path": told_path(scope["path"]), "status": status, "ms": took}
            self.log.debug("request", extra=facts)
