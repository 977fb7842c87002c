"""What an OpenID provider publishes is kept for an hour, and fetched anew where something has failed."""

import asyncio
from dataclasses import dataclass, field

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from reflect.lti import Outbound
from reflect.settings import Settings
from reflect.web.openid_documents import LIFETIME, LONGEST, PAUSE, Document, Documents
from reflect.web.openid_provider import OpenIdProvider

KEYS = "https://id.school.example/keys"


@dataclass
class Provider:
    """Brings a document that says how often it was fetched; away, it brings nothing."""

    now: float = 0.0
    is_away: bool = False
    fetched: int = 0
    documents: Documents = field(init=False)

    def __post_init__(self) -> None:
        self.documents = Documents(self.fetch, lambda: self.now)

    async def fetch(self, url: str) -> Document:
        self.fetched += 1
        await asyncio.sleep(0)
        if self.is_away:
            raise ConnectionError(url)
        return {"fetched": self.fetched}

    def get(self, times: int = 1) -> list[Document]:
        async def work() -> list[Document]:
            return list(await asyncio.gather(*(self.documents.get(KEYS) for _ in range(times))))

        return asyncio.run(work())


def test_a_whole_school_fetches_a_document_once_an_hour() -> None:
    provider = Provider()
    assert provider.get(200) == [{"fetched": 1}] * 200
    provider.now = LIFETIME - 1
    assert provider.get() == [{"fetched": 1}]
    provider.now = LIFETIME
    assert provider.get(200) == [{"fetched": 2}] * 200


def test_while_the_provider_is_away_what_is_kept_is_good_for_a_day() -> None:
    provider = Provider()
    provider.get()
    provider.is_away, provider.now = True, LONGEST - 1
    assert provider.get(3) == [{"fetched": 1}] * 3
    assert provider.fetched == 2, "asked once, for all three"
    provider.now = LONGEST
    with pytest.raises(ConnectionError):
        provider.get()
    provider.is_away = False
    assert provider.get() == [{"fetched": 4}]


def test_where_something_failed_it_is_fetched_anew_but_not_again_and_again() -> None:
    provider = Provider()
    provider.get()
    assert not provider.documents.doubt()
    assert provider.get() == [{"fetched": 1}], "it was just fetched"
    provider.now = PAUSE
    assert provider.documents.doubt()
    assert provider.get() == provider.get() == [{"fetched": 2}]


def test_a_token_that_is_signed_by_a_newer_key_is_believed_and_one_by_a_strangers_is_not() -> None:
    old, new, strange = (RSAKey.generate_key(2048, {"kid": kid}, private=True) for kid in ("old", "new", "strange"))
    published, now = [old], [0.0]

    async def fetch(_url: str) -> Document:
        return {"keys": [key.as_dict(private=False) for key in published]}

    documents = Documents(fetch, lambda: now[0])
    provider = OpenIdProvider(Settings(_env_file=None), Outbound(), documents, "")

    def decoded(key: RSAKey) -> object:
        token = jwt.encode({"alg": "RS256", "kid": key.kid}, {"sub": "ada"}, key)
        return asyncio.run(provider._decoded({"jwks_uri": KEYS}, token)).claims["sub"]

    assert decoded(old) == "ada"
    published[:], now[0] = [new], PAUSE
    assert decoded(new) == "ada"
    for _ in range(2):
        now[0] += PAUSE
        with pytest.raises((JoseError, ValueError)):
            decoded(strange)
