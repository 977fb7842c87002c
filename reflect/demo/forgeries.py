"""Every bad launch we know of, by its row in the launch test table; each alters one thing of a right one."""

from collections.abc import Callable, Mapping
from operator import itemgetter
from urllib.parse import urlsplit

from reflect.demo import signatures
from reflect.demo.claims import LTI
from reflect.demo.forging import (
    Draft,
    Forge,
    Forgery,
    alter_claims,
    alter_header,
    alter_token,
    changed,
    claim,
    header,
    shifted,
    without,
)
from reflect.demo.people import role_uri
from reflect.demo.tokens import Claims, stranger, weak

EVIL = "https://evil.example"
LEARNER, INSTRUCTOR = role_uri("Learner"), role_uri("Instructor")
LONG = "x" * 256
DAY = 86_400


def review(by: str, **more: object) -> Forge:
    """Return the forge that turns the launch into a submission review by somebody in this role."""
    said = {"message_type": "LtiSubmissionReviewRequest", "roles": [by], **more}
    return alter_claims(lambda claims: claims | {LTI + name: value for name, value in said.items()})


def other_tools_deployment(draft: Draft) -> str:
    """Send the deployment of another tool, or of another tenant, for our client id."""
    return claim("deployment_id", draft.other.deployment_id)(draft)


def other_tools_token(draft: Draft) -> str:
    """Send a token that is right for another tool of this platform."""
    ids = {"aud": draft.other.client_id, LTI + "deployment_id": draft.other.deployment_id}
    return alter_claims(lambda claims: claims | ids)(draft)


def no_id(thing: Claims) -> Claims:
    """Return a context or resource link without its id."""
    return {name: value for name, value in thing.items() if name != "id"}


def with_id(new: str) -> Callable[[Claims], Claims]:
    """Return the change that gives a context or resource link another id."""
    return lambda thing: thing | {"id": new}


def other_scheme(address: str) -> str:
    """Return the address by https where it was http, and the other way round."""
    scheme = "http" if address.startswith("https:") else "https"
    return urlsplit(address)._replace(scheme=scheme).geturl()


def refused(code: str, label: str, forge: Forge, *others: str, fault: str = "") -> Forgery:
    """Return a forgery that must be refused: as `code`, or as one of the others."""
    return Forgery(label, (code, *others), forge, fault)


TARGETS: Mapping[str, Callable[[str], str]] = {
    "host": lambda uri: f"{EVIL}/app",
    "script": lambda uri: "javascript:alert(document.domain)",
    "slashes": lambda uri: "//evil.example/app",
    "backslash": lambda uri: "\\evil.example\\app",
    "user": lambda uri: uri.removesuffix(urlsplit(uri).path) + "@evil.example/app",
}

PRETENDERS = {
    "subrole": role_uri("Learner#Instructor"),
    "short": "NotInstructor",
    "foreign": f"{EVIL}/membership#Instructor",
}

HEADERS: dict[str, Forgery] = {
    "B01": refused("kid_missing", "no kid", alter_header(lambda right: {"typ": "JWT", "alg": "RS256"})),
    "B02": refused("kid_unknown", "a kid that is not in the keyset", signatures.by_newcomer),
    "B05-bare": refused("token_malformed", "an empty header and nothing but a name", signatures.bare),
    "B05-word": refused("token_malformed", "not a token at all", alter_token(lambda token: "badltilaunch")),
    "B05-two": refused("token_malformed", "two parts", alter_token(lambda token: token.rpartition(".")[0])),
    "B05-five": refused("token_malformed", "five parts", alter_token(lambda token: f"{token}.a.b")),
    "B05-empty": refused("token_malformed", "an empty token", alter_token(lambda token: "")),
    "B13-none": refused("alg", "unsigned: alg none", signatures.unsigned("none")),
    "B13-None": refused("alg", "unsigned: alg None", signatures.unsigned("None")),
    "B13-NONE": refused("alg", "unsigned: alg NONE", signatures.unsigned("NONE")),
    "B14-pem": refused("alg", "HS256 with the public key as PEM", signatures.hmac(lambda key: key.pem())),
    "B14-jwk": refused("alg", "HS256 with the public key as JWK", signatures.hmac(signatures.jwk_bytes)),
    "B15-RS384": refused("alg", "rightly signed, by RS384", signatures.rs384),
    "B15-PS256": refused("alg", "rightly signed, by PS256", signatures.ps256),
    "B15-ES256": refused("alg", "rightly signed, by ES256", signatures.es256),
    "B16-signature": refused("signature", "one bit of the signature flipped", alter_token(signatures.flip_signature)),
    "B16-payload": refused("signature", "one bit of the payload flipped", alter_token(signatures.flip_payload)),
    "B17": refused("signature", "another's key under our kid", lambda draft: draft.signed(stranger().sign)),
    "B39-jku": refused("kid_unknown", "a header with jku", signatures.offering("jku")),
    "B39-x5u": refused("kid_unknown", "a header with x5u", signatures.offering("x5u")),
    "B39-x5c": refused("kid_unknown", "a header with x5c", signatures.offering("x5c")),
    "B39-jwk": refused("kid_unknown", "a header with jwk", signatures.offering("jwk")),
    "B39-crit": refused("token_malformed", "a critical header nobody knows", header(crit=["own"], own=1)),
    "B39-b64": refused("token_malformed", "a payload that is not encoded", signatures.unencoded),
    "B40-path": refused("kid_unknown", "a path as kid", header(kid="../../etc/passwd")),
    "B40-sql": refused("kid_unknown", "SQL as kid", header(kid="' OR 1=1 --")),
    "B40-long": refused("kid_unknown", "a kid of 10 kB", header(kid="k" * 10_240), "token_malformed"),
    "B40-number": refused("token_malformed", "a number as kid", header(kid=7), "kid_unknown"),
    "B48-iss": refused("token_malformed", "two issuers in one payload", signatures.said_twice("iss", EVIL)),
    "B48-roles": refused("token_malformed", "two lists of roles", signatures.said_twice(LTI + "roles", [INSTRUCTOR])),
}

ENVELOPES: dict[str, Forgery] = {
    "B07": refused("expired", "sent in 1970", alter_claims(lambda claims: claims | {"iat": 11111, "exp": 22222})),
    "B12-absent": refused("user_missing", "no sub", without("sub")),
    "B12-empty": refused("user_missing", "an empty sub", claim("sub", "")),
    "B12-number": refused("user_missing", "a number as sub", claim("sub", 5)),
    "B12-long": refused("user_missing", "a sub of 256 letters", claim("sub", LONG)),
    "B18-other": refused("issuer", "another issuer", claim("iss", EVIL)),
    "B18-slash": refused("issuer", "the issuer with a slash behind", changed("iss", lambda iss: f"{iss}/")),
    "B18-case": refused("issuer", "the issuer in capitals", changed("iss", str.upper)),
    "B18-scheme": refused("issuer", "the issuer by another scheme", changed("iss", other_scheme)),
    "B19-other": refused("audience", "for somebody else", claim("aud", "somebody-else")),
    "B19-nobody": refused("audience", "for nobody", claim("aud", [])),
    "B19-absent": refused("audience", "no audience", without("aud")),
    "B20": refused("audience", "for us and somebody else", changed("aud", lambda aud: [aud, "somebody-else"])),
    "B21": refused("azp", "another authorized party", claim("azp", "somebody-else")),
    "B22-past": refused("expired", "ten minutes old", shifted(-660, -660)),
    "B22-absent": refused("claim_missing", "no exp", without("exp")),
    "B22-string": refused("claim_type", "exp is a string", changed("exp", str)),
    "B22-far": refused("expired", "good for two days", shifted(0, 2 * DAY)),
    "B23-future": refused("iat", "sent ten minutes from now", shifted(600, 600)),
    "B23-old": refused("iat", "issued two hours ago", shifted(-7_200, 0)),
    "B23-absent": refused("iat", "no iat", without("iat")),
    "B24-absent": refused("nonce", "no nonce", without("nonce")),
    "B24-empty": refused("nonce", "an empty nonce", claim("nonce", "")),
    "B24-list": refused("nonce", "the nonce in a list", changed("nonce", lambda nonce: [nonce])),
    "B24-other": refused("nonce", "a nonce nobody asked for", claim("nonce", "nobody-asked")),
    "B29": refused("mixup", "a token for another tool", other_tools_token, "audience"),
}

MESSAGES: dict[str, Forgery] = {
    "B03-11.3": refused("version", "version 11.3", claim("version", "11.3")),
    "B03-1.1": refused("version", "version 1.1", claim("version", "1.1")),
    "B03-number": refused("version", "the version is a number", claim("version", 1.3)),
    "B04": refused("version", "no version", without("version")),
    "B06": refused("claim_missing", "no version, roles, message type", without("version", "roles", "message_type")),
    "B08-absent": refused("message_type", "no message type", without("message_type")),
    "B08-unknown": refused("message_type", "an unknown message", claim("message_type", "LtiUnheardOfRequest")),
    "B08-old": refused("message_type", "a message of LTI 1.1", claim("message_type", "basic-lti-launch-request")),
    "B09-absent": refused("roles", "no roles", without("roles")),
    "B09-null": refused("roles", "null as roles", claim("roles", None)),
    "B09-string": refused("roles", "a string as roles", claim("roles", LEARNER)),
    "B09-number": refused("roles", "a number among the roles", claim("roles", [LEARNER, 7])),
    "B10-absent": refused("deployment_missing", "no deployment", without("deployment_id")),
    "B10-empty": refused("deployment_missing", "an empty deployment", claim("deployment_id", "")),
    "B10-long": refused("deployment_missing", "a deployment of 256 letters", claim("deployment_id", LONG)),
    "B10-number": refused("deployment_missing", "a number as deployment", claim("deployment_id", 1)),
    "B11-absent": refused("resource_link", "no resource link", without("resource_link")),
    "B11-no-id": refused("resource_link", "a resource link without id", changed("resource_link", no_id)),
    "B11-empty": refused("resource_link", "an empty resource link id", changed("resource_link", with_id(""))),
    "B30": refused("deployment_unknown", "an unknown deployment", claim("deployment_id", "unknown-77")),
    "B31": refused("deployment_unknown", "another tenant's deployment", other_tools_deployment),
    "B33": refused(
        "target_mismatch", "another target than at login", changed("target_link_uri", lambda uri: f"{uri}/x")
    ),
    "B42-no-id": refused("context", "a course without id", changed("context", no_id)),
    "B42-empty": refused("context", "an empty course id", changed("context", with_id(""))),
    "B42-long": refused("context", "a course id of 256 letters", changed("context", with_id(LONG))),
    "B46-nobody": refused("submission_review", "a review of nobody's work", review(INSTRUCTOR)),
    "B46-learner": refused(
        "submission_review_role", "a review by a learner", review(LEARNER, for_user={"user_id": "9"})
    ),
} | {
    f"B32-{name}": refused("target", f"a target elsewhere: {name}", changed("target_link_uri", change))
    for name, change in TARGETS.items()
}

PRETENSIONS: dict[str, Forgery] = {
    f"B47-{name}": Forgery(f"no role but {role}", (), claim("roles", [role])) for name, role in PRETENDERS.items()
}

BULKS: dict[str, Forgery] = {
    "B38-deep": refused("token_malformed", "JSON 100,000 deep", signatures.nested(100_000), "too_large"),
    "B38-roles": refused("too_large", "10,000 roles", claim("roles", [LEARNER] * 10_000), "token_malformed", "roles"),
}

KEYSETS: dict[str, Forgery] = {
    f"B41-{fault}": refused(
        "keys_unavailable", f"a new key, and the keyset is {fault}", signatures.by_newcomer, fault=fault
    )
    for fault in ("down", "slow", "redirected", "huge", "html")
} | {
    "B41-weak": refused(
        "keys_unavailable",
        "a key of 1024 bits",
        lambda draft: signatures.by(weak())(draft),
        "kid_unknown",
        fault="weak",
    ),
    "B41-symmetric": refused(
        "keys_unavailable",
        "a symmetric key",
        lambda draft: signatures.by(stranger().named("oct"))(draft),
        "kid_unknown",
        fault="symmetric",
    ),
}

FORGERIES: dict[str, Forgery] = dict(
    sorted((HEADERS | ENVELOPES | MESSAGES | PRETENSIONS | BULKS | KEYSETS).items(), key=itemgetter(0))
)
