"""The campus as an LTI 1.3 platform: its keys, the tools it knows, and the launches it expects."""

import json
import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reflect.demo.claims import Occasion, launch_claims
from reflect.demo.dialogs import Dialog
from reflect.demo.forging import Draft, Forgery
from reflect.demo.gradebook import Gradebook
from reflect.demo.keysets import BAIT
from reflect.demo.people import Activity, Course, Person, School, Where, read_school
from reflect.demo.tokens import Claims, SigningKey, compact, new_key
from reflect.demo.tools import Tool
from reflect.demo.trust import Trust

NOBODYS = Tool("nobodys-client", "nobodys-deployment", "", "", "")
PENDING = 1_000


@dataclass(frozen=True)
class Pending:
    """A launch that was begun and not yet answered for; `forgery` is what will be wrong with it."""

    occasion: Occasion
    forgery: Forgery


class LaunchMissing(LookupError):
    """The message hint belongs to no launch, or its launch was answered for already."""

    code = "launch_missing"


class DialogMissing(LookupError):
    """The content dialog was answered already, or never opened."""

    code = "dialog_missing"


class CampusPlatform:
    """An LTI 1.3 platform for one school; `base_url` is its issuer, without a slash at the end.

    `requests` counts what was asked of the keyset ("/jwks"), of the forger's own ("/jwks/bait"), and of each
    service by its name; `faults` says which service has which fault of reflect.demo.faults just now.
    """

    def __init__(
        self,
        base_url: str,
        *tools: Tool,
        school: School | None = None,
        keys: Sequence[SigningKey] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.base_url = base_url
        self.school = school or read_school()
        self.clock = clock
        self.tools = {tool.client_id: tool for tool in tools}
        self.keys = [*keys] or [new_key(), new_key()]
        self.keyset_fault = ""
        self.framed: set[str] = set()
        """Origins whose pages an administrator has let in beside the first tool's."""
        self.faults: dict[str, str] = {}
        self.requests: Counter[str] = Counter()
        self.gradebook = Gradebook()
        self.trust = Trust()
        self._pending: OrderedDict[str, Pending] = OrderedDict()
        self._dialogs: dict[str, Occasion] = {}

    @property
    def key(self) -> SigningKey:
        """Return the key that signs today."""
        return self.keys[-1]

    def register(self, tool: Tool) -> None:
        """Let a tool in, or change one that has this client id."""
        self.tools[tool.client_id] = tool

    def rotate(self) -> None:
        """Sign with a new key from now on; the oldest leaves the keyset."""
        self.keys = [*self.keys[1:], new_key()]

    def keyset(self) -> Claims:
        """Return the JWKS: the key that signs, and the one before it."""
        return {"keys": [key.jwk() for key in self.keys]}

    def begin(self, occasion: Occasion, forgery: Forgery | None = None) -> dict[str, str]:
        """Expect a launch and return the parameters of its login initiation (1EdTech Security 5.1.1.1)."""
        if occasion.dialog:
            self._dialogs[occasion.dialog.ticket] = occasion
        launch_id = f"ltilaunch{occasion.activity.id}_{secrets.token_hex(8)}"
        hint = json.dumps({"cmid": int(occasion.activity.id), "launchid": launch_id}, separators=(",", ":"))
        self._pending[hint] = Pending(occasion, forgery or Forgery())
        while len(self._pending) > PENDING:
            self._pending.popitem(last=False)
        return {
            "iss": self.base_url,
            "target_link_uri": occasion.target,
            "login_hint": occasion.person.sub,
            "lti_message_hint": hint,
            "client_id": occasion.tool.client_id,
            "lti_deployment_id": occasion.tool.deployment_id,
        }

    def redeem(self, message_hint: str) -> Pending:
        """Return the launch that a message hint stands for, this once; raises LaunchMissing."""
        try:
            return self._pending.pop(message_hint)
        except KeyError:
            raise LaunchMissing("This launch is over. Open the activity again from its course.") from None

    def answered(self, ticket: str) -> tuple[Occasion, Dialog]:
        """Return the content dialog that was opened with a ticket, this once; raises DialogMissing."""
        occasion = self._dialogs.pop(ticket, None)
        if occasion is None or occasion.dialog is None:
            raise DialogMissing("This dialog is over. Open it again from the course.")
        return occasion, occasion.dialog

    def claims(
        self,
        person: Person,
        course: Course,
        activity: Activity,
        nonce: str,
        tool: Tool,
        opens_in: Where | None = None,
    ) -> Claims:
        """Return the claims of a right launch, complete as Moodle's."""
        occasion = Occasion(person, course, activity, tool, opens_in or activity.opens_in)
        return launch_claims(occasion, self.base_url, self.school.name, nonce, self.clock())

    def sign(self, header: Mapping[str, object], claims: Mapping[str, object]) -> str:
        """Return a compact token over exactly this header and these claims, signed with today's key."""
        return compact(header, json.dumps(claims).encode(), self.key.sign)

    def id_token(self, pending: Pending, nonce: str) -> str:
        """Return the id_token of a launch, forged as it was begun; sets the keyset's fault too."""
        self.keyset_fault = pending.forgery.keyset_fault
        return pending.forgery.forge(self._draft(pending.occasion, nonce))

    def _draft(self, occasion: Occasion, nonce: str) -> Draft:
        return Draft(
            header={"typ": "JWT", "alg": "RS256", "kid": self.key.kid},
            claims=launch_claims(occasion, self.base_url, self.school.name, nonce, self.clock()),
            key=self.key,
            other=next((tool for tool in self.tools.values() if tool != occasion.tool), NOBODYS),
            bait=self.base_url + BAIT,
        )
