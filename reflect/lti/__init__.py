"""LTI 1.3 as a tool, by itself: no web framework, no database, no check-ins.

A launch in four steps. A person clicks our link in the LMS, and

1. the LMS (the *platform*) sends the browser to our login address: who it is (`iss`, `client_id`), a hint
   about the person, and the link. Nothing is signed yet. `LoginRequest.read`, `login.choose`.
2. We answer with an OpenID Connect authentication request: the browser goes back to the platform with a
   `state` and a `nonce` of ours, and keeps a secret. `Handshake.begin`, `login.authentication_request`.
3. The platform, where the person is signed in already, posts an `id_token` to our launch address: a JWT
   signed with a key we fetch from the platform's key set (`Keysets`, through `Outbound`). It says who
   launches (`sub`, roles), where (deployment, context, resource link) and for what (message type).
4. `Handshake.resume` reads the state, `verify` checks the token and gives a `Launch`; whatever is wrong is a
   `LaunchRefused` with a stable code. Using a state once and proving the browser are the caller's part.

A *platform* here is one registration (issuer and client id); it may hold several *deployments* of us. Ids of
people, courses and links mean something only together with registration and deployment.
"""

from reflect.lti.keysets import Keysets
from reflect.lti.launch import verify
from reflect.lti.login import Handshake, LoginRequest
from reflect.lti.messages import Launch
from reflect.lti.outbound import Outbound
from reflect.lti.platform import Deployment, Platform
from reflect.lti.refusals import LaunchRefused
from reflect.lti.roles import Role

__all__ = [
    "Deployment",
    "Handshake",
    "Keysets",
    "Launch",
    "LaunchRefused",
    "LoginRequest",
    "Outbound",
    "Platform",
    "Role",
    "verify",
]
