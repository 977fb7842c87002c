"""PyLTI1p3 in Flask, after its own Flask example: launch data in Flask-Caching, the LMS's key cached for two hours.

Kinder than the example: the tool's configuration is read once, not at every request.
"""

import os

from flask import Flask, redirect, render_template, url_for
from flask_caching import Cache
from pylti1p3.contrib.flask import FlaskCacheDataStorage, FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.tool_config import ToolConfDict
from werkzeug.wrappers import Response

app = Flask(__name__)
app.config.update(CACHE_TYPE="SimpleCache", CACHE_DEFAULT_TIMEOUT=600, CACHE_THRESHOLD=1_000_000)
cache = Cache(app)
tool = ToolConfDict(
    {
        os.environ["LTI_ISSUER"]: {
            "client_id": os.environ["LTI_CLIENT_ID"],
            "auth_login_url": os.environ["LTI_AUTH_URL"],
            "auth_token_url": os.environ["LTI_TOKEN_URL"],
            "key_set_url": os.environ["LTI_KEYSET_URL"],
            "deployment_ids": [os.environ["LTI_DEPLOYMENT_ID"]],
        }
    }
)


def https_request() -> FlaskRequest:
    """As behind a proxy that speaks https, so that the library binds the launch to its cookies."""
    return FlaskRequest(request_is_secure=True)


@app.post("/login")
def login() -> Response:
    """The third-party-initiated login."""
    oidc = FlaskOIDCLogin(https_request(), tool, launch_data_storage=FlaskCacheDataStorage(cache))
    return oidc.redirect(url_for("launch", _external=True))


@app.post("/launch")
def launch() -> Response:
    """Checks the launch, keeps it, and goes on to the page."""
    storage = FlaskCacheDataStorage(cache)
    message = FlaskMessageLaunch(https_request(), tool, launch_data_storage=storage)
    message.set_public_key_caching(storage, cache_lifetime=7200)
    message.validate()
    return redirect(url_for("page", launch_id=message.get_launch_id()), 303)


@app.get("/app/<launch_id>")
def page(launch_id: str) -> str:
    """The page of whoever launched."""
    storage = FlaskCacheDataStorage(cache)
    message = FlaskMessageLaunch.from_cache(launch_id, https_request(), tool, launch_data_storage=storage)
    return render_template("page.html", name=message.get_launch_data()["name"])
