"""The LMS of the benchmark: its key, the key set it serves, and launches such as Moodle sends."""

import base64
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from benchmarks.servers import LOAD_CPU, free_port, running

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
ISSUER = "https://lms.example"
CLIENT_ID = "benchmark"
DEPLOYMENT_ID = "1"
AUTH_URL = f"{ISSUER}/mod/lti/auth.php"
TOKEN_URL = f"{ISSUER}/mod/lti/token.php"
KEY_ID = "benchmark-key"


@dataclass(frozen=True)
class Person:
    """Someone who launches: `number` is the user id that the LMS sends."""

    number: int
    role: str = "Learner"
    course: str = "2"
    """The id of the course they come from."""

    @property
    def name(self) -> str:
        """A plainly invented name."""
        return f"Sample Person {self.number}"


@dataclass(frozen=True)
class Lms:
    """A platform with one RSA key of 2,048 bits, whose key set is served on `port`."""

    key: rsa.RSAPrivateKey
    port: int

    @property
    def keyset_url(self) -> str:
        """Where tools fetch the key set."""
        return f"http://127.0.0.1:{self.port}/keys.json"

    def id_token(self, person: Person, nonce: str, target: str, lives: int = 60) -> str:
        """A signed launch of that person, of about 2.9 kB, good for so many seconds."""
        header = {"typ": "JWT", "alg": "RS256", "kid": KEY_ID}
        signed = f"{_encoded(header)}.{_encoded(_claims(person, nonce, target, lives))}"
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_base64url(signature)}"


@contextmanager
def running_lms(folder: Path) -> Iterator[Lms]:
    """Makes a key and serves its key set from `folder`."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    numbers = key.public_key().public_numbers()
    jwk = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": KEY_ID}
    jwk |= {name: _base64url(_big_endian(value)) for name, value in (("n", numbers.n), ("e", numbers.e))}
    public = folder / "lms"
    public.mkdir()
    (public / "keys.json").write_text(json.dumps({"keys": [jwk]}))
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "http.server",
        str(port),
        "--bind",
        "127.0.0.1",
        "--directory",
        str(public),
    ]
    with running(command, port, folder / "lms.log", cpu=LOAD_CPU):
        yield Lms(key, port)


def _claims(person: Person, nonce: str, target: str, lives: int) -> dict[str, object]:
    """What a Moodle 4.5 sends for a member of a course, services included."""
    now = int(time.time())
    services = f"{ISSUER}/mod/lti/services.php"
    memberships = f"{services}/CourseSection/2/bindings/1/memberships"
    scope = "https://purl.imsglobal.org/spec/lti-ags/scope/"
    return {
        "iss": ISSUER,
        "aud": CLIENT_ID,
        "sub": str(person.number),
        "iat": now,
        "exp": now + lives,
        "nonce": nonce,
        "given_name": "Sample",
        "family_name": f"Person {person.number}",
        "name": person.name,
        "email": f"person{person.number}@lms.example",
        f"{CLAIM}version": "1.3.0",
        f"{CLAIM}message_type": "LtiResourceLinkRequest",
        f"{CLAIM}deployment_id": DEPLOYMENT_ID,
        f"{CLAIM}target_link_uri": target,
        f"{CLAIM}roles": [f"{MEMBERSHIP}{person.role}"],
        f"{CLAIM}context": {"id": person.course, "label": "WB101", "title": "Wellbeing 101", "type": ["CourseSection"]},
        f"{CLAIM}resource_link": {
            "id": f"{person.course}-1",
            "title": "How are you?",
            "description": "A check-in a week",
        },
        f"{CLAIM}lis": {"person_sourcedid": f"SIS-{person.number}", "course_section_sourcedid": "SIS-WB101"},
        f"{CLAIM}ext": {"user_username": f"person{person.number}", "lms": "moodle-2"},
        f"{CLAIM}launch_presentation": {
            "locale": "en",
            "document_target": "iframe",
            "return_url": f"{ISSUER}/mod/lti/return.php?course=2&launch_container=2&instanceid=1",
        },
        f"{CLAIM}tool_platform": {
            "product_family_code": "moodle",
            "version": "2024100706",
            "guid": "00000000000000000000000000000000",
            "name": "Benchmark",
            "description": "Benchmark school",
        },
        f"{CLAIM}custom": {
            "context_memberships_url": memberships,
            "course_start": "2026-08-31T23:00:00+00:00",
        },
        "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
            "scope": [f"{scope}{name}" for name in ("lineitem", "lineitem.readonly", "result.readonly", "score")],
            "lineitems": f"{services}/2/lineitems?type_id=1",
        },
        "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
            "context_memberships_url": memberships,
            "service_versions": ["1.0", "2.0"],
        },
    }


def _encoded(part: dict[str, str] | dict[str, object]) -> str:
    return _base64url(json.dumps(part, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _big_endian(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8)
