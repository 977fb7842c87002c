"""What can be known of an LMS's addresses without asking: from its site's own address, or because all are one site."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

_NOT_THE_SITE = re.compile(r"/(login|my|admin|course|mod|user|portal|d2l|index\.php|xsl-portal)(/.*)?$")
"""Where the address of some page of a site, as copied from a browser, goes beyond the site itself."""

_CANVAS = {
    "issuer": "https://canvas.instructure.com",
    "keyset_url": "https://sso.canvaslms.com/api/lti/security/jwks",
    "auth_url": "https://sso.canvaslms.com/api/lti/authorize_redirect",
    "token_url": "https://sso.canvaslms.com/login/oauth2/token",
}
_SCHOOLOGY = {
    "issuer": "https://schoology.schoology.com",
    "keyset_url": "https://lti-service.svc.schoology.com/lti-service/.well-known/jwks",
    "auth_url": "https://lti-service.svc.schoology.com/lti-service/authorize-redirect",
    "token_url": "https://lti-service.svc.schoology.com/lti-service/access-token",
}
_BLACKBOARD = {
    "issuer": "https://blackboard.com",
    "auth_url": "https://developer.blackboard.com/api/v1/gateway/oidcauth",
    "token_url": "https://developer.blackboard.com/api/v1/gateway/oauth2/jwttoken",
}
_OF_SITE: Mapping[str, Mapping[str, str]] = {
    "moodle": {
        "issuer": "{site}",
        "keyset_url": "{site}/mod/lti/certs.php",
        "token_url": "{site}/mod/lti/token.php",
        "auth_url": "{site}/mod/lti/auth.php",
    },
    "brightspace": {
        "issuer": "{site}",
        "keyset_url": "{site}/d2l/.well-known/jwks",
        "auth_url": "{site}/d2l/lti/authenticate",
        "token_url": "https://auth.brightspace.com/core/connect/token",
        "token_audience": "https://api.brightspace.com/auth/token",
    },
    "sakai": {
        "issuer": "{site}",
        "keyset_url": "{site}/imsblis/lti13/keyset",
        "auth_url": "{site}/imsoidc/lti13/oidc_auth",
    },
}
SITES = frozenset(_OF_SITE)
"""LMSs whose addresses follow from the site's own."""


def site_of(typed: str) -> str:
    """The address of a site, from that of any of its pages: with https if it says nothing, without what follows.

    Empty if there is no address in it.
    """
    typed = typed.strip()
    if typed and "://" not in typed:
        typed = f"https://{typed}"
    try:
        parts = urlsplit(typed)
        host = parts.hostname
    except ValueError:
        return ""
    if not host:
        return ""
    path = _NOT_THE_SITE.sub("", parts.path).rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}"


def addresses_of(lms: str, typed_site: str, client_id: str) -> Mapping[str, str]:
    """The fields of a registration that follow from the LMS, its site's address and our client id there."""
    if lms == "canvas":
        return _CANVAS
    if lms == "schoology":
        return _SCHOOLOGY
    if lms == "blackboard":
        keyset = f"https://developer.blackboard.com/api/v1/management/applications/{client_id}/jwks.json"
        return _BLACKBOARD | ({"keyset_url": keyset} if client_id.isascii() and client_id.strip() else {})
    site = site_of(typed_site)
    if not site or lms not in _OF_SITE:
        return {}
    return {field: pattern.replace("{site}", site) for field, pattern in _OF_SITE[lms].items()}
