"""The two plain values that say whom we trust: a registered platform and a deployment of us in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Platform:
    """One registration: an issuer together with the client id it gave us (LTI 1.3 core 3.1.2)."""

    id: int
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    keyset_url: str
    token_audience: str | None
    enabled: bool


@dataclass(frozen=True, slots=True)
class Deployment:
    """One installation under a registration (LTI 1.3 core 3.1.3): our `id`, the platform's `deployment_id`."""

    id: int
    deployment_id: str
    allow_anonymous: bool
