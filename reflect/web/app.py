"""The whole house on one page: settings in, an ASGI application out."""

import gc
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from reflect.settings import Settings, settings_to_serve
from reflect.storage.database import Database
from reflect.web import log_lines, logs, looks, metrics
from reflect.web.background import background
from reflect.web.errors import HANDLERS, Unbroken, refuse
from reflect.web.house import build
from reflect.web.protection import SameOriginWrites, SecurityHeaders, SmallBodies
from reflect.web.routes import FROM_PLATFORMS, ROUTES


def create_app(settings: Settings, also: Sequence[BaseRoute] = ()) -> Starlette:
    """The application for these settings; it opens its database when it starts and closes it when it stops.

    `also` are addresses that are not for everybody's installation.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        database = Database(settings.database_url, settings.replica_url)
        app.state.house = build(settings, database)
        # What was loaded stays: looking at it again and again costs the collector a tenth of every request.
        gc.collect()
        gc.freeze()
        async with metrics.told(app, app.state.house), background(app.state.house):
            yield
        database.close()

    app = Starlette(
        routes=[*ROUTES, *also],
        lifespan=lifespan,
        exception_handlers=HANDLERS,
        middleware=[
            Middleware(metrics.Metered),
            Middleware(logs.AccessLog),
            Middleware(SecurityHeaders, is_https=settings.base_url.startswith("https://")),
            Middleware(Unbroken),
            Middleware(SmallBodies, refuse=refuse),
            Middleware(SameOriginWrites, origin=settings.base_url, exempt=FROM_PLATFORMS, refuse=refuse),
            Middleware(looks.Looks),
        ],
    )
    # The framework would make the address of such a redirect from what the visitor says that our host is.
    app.router.redirect_slashes = False
    return app


def from_environment() -> Starlette:
    """The application of a worker process, as uvicorn starts it; raises SettingsRefused."""
    settings = settings_to_serve()
    logs.configure(settings.log_format, logging.INFO)
    log_lines.queue()
    return create_app(settings)
