"""Every knob of an installation, read once and refused early."""

import ipaddress
import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, NoDecode, SettingsConfigDict

POSTGRESQL = ("postgresql://", "postgresql+psycopg://")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

DEFAULT_SECRET = "change-me-this-secret-protects-nothing"  # noqa: S105 - refused in production
SHORTEST_SECRET = 32
"""Characters."""
METERS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder through which several workers count together; `reflect serve --workers` sets it. The library that
counts asks for it when it is loaded."""

NEW_SECRET = "REFLECT_NEW_SECRET_KEY"  # noqa: S105 - a name
"""No setting: `reflect secret rotate` alone reads it."""
_LOCALES = Path(__file__).parent / "locales"
_HOST = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")

# This machine and private networks, which nobody reaches us from across the internet.
_NEAR = ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")


class SettingsRefused(Exception):
    """The settings cannot be used; `faults` holds one sentence for each."""

    code = "settings"

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Settings(BaseSettings):
    """What an admin may set, as `REFLECT_…` in the environment or in a `.env` file."""

    model_config = SettingsConfigDict(env_prefix="REFLECT_", env_file=".env", extra="ignore", frozen=True)

    base_url: str = "http://localhost:8000"
    """The address under which people reach this installation; every absolute link starts with it."""
    database_url: str = "sqlite:///reflect.db"
    replica_url: str = ""
    """A copy of a PostgreSQL database that follows it, for reading what may be some seconds old."""
    secret_key: SecretStr = SecretStr(DEFAULT_SECRET)
    """At least 32 characters. Keys that seal answers and protect private keys are derived from it."""
    private_hosts: Annotated[frozenset[str], NoDecode] = frozenset()
    """Hosts (or host:port) on private networks that outbound calls may reach."""
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = tuple(map(ipaddress.ip_network, _NEAR))
    """Networks of proxies whose X-Forwarded-For is believed, to count how much comes from one network."""
    min_group_size: int = Field(default=5, ge=3, le=50)
    """No anonymous result of fewer answers than this is ever shown; 3 is the least that can be set."""
    retention_days: int = Field(default=365, ge=1, le=3650)
    """Days after a course's last activity until its answers are deleted."""
    default_locale: str = "en"
    oidc_issuer: str = ""
    """Where administrators may sign in by OpenID Connect, besides the addresses of `reflect admin invite`."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_required: bool = False
    """Whether everybody who comes from an LMS must also sign in there, and may then open Reflect outside of the LMS."""
    metrics_token: SecretStr = SecretStr("")
    """The bearer token of who may read `/metrics`; empty: only programs of this very machine may."""
    log_format: Literal["json", "console"] = "json"

    @field_validator("base_url")
    @classmethod
    def _base_url_is_an_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or any(extra in value for extra in "@?#"):
            raise ValueError("must be an address such as https://reflect.school.example")
        _refuse_odd_port(value)
        if parts.path.strip("/"):
            raise ValueError("must have no path: Reflect needs a host name of its own")
        return f"{parts.scheme}://{parts.netloc}".lower()

    @field_validator("private_hosts", mode="before")
    @classmethod
    def _hosts_are_a_list(cls, value: object) -> object:
        if isinstance(value, str):
            return frozenset(host for host in value.replace(",", " ").lower().split() if host)
        return value

    @field_validator("private_hosts")
    @classmethod
    def _hosts_are_hosts(cls, value: frozenset[str]) -> frozenset[str]:
        if not all(map(_HOST.fullmatch, value)):
            raise ValueError(
                "must be hosts such as moodle.school.example, 10.0.0.5:8443, [fd00::5]; no address of a page"
            )
        return value

    @field_validator("default_locale")
    @classmethod
    def _locale_is_spoken(cls, value: str) -> str:
        tags = ["en", *sorted(path.stem for path in _LOCALES.glob("*.po"))]
        if re.split("[-_]", value.lower())[0] not in {tag.partition("-")[0] for tag in tags}:
            raise ValueError(f"must be a language that there is: {', '.join(tags)}")
        return value

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks_are_a_list(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return tuple(ipaddress.ip_network(network) for network in value.replace(",", " ").split())
        except ValueError:
            raise ValueError("must be addresses or networks such as 10.0.0.5, 172.16.0.0/12, fc00::/7") from None

    @field_validator("secret_key")
    @classmethod
    def _secret_is_long(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError("must have at least 32 characters; `openssl rand -hex 32` makes a good one")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _token_is_long(cls, value: SecretStr) -> SecretStr:
        if value and not re.fullmatch(r"[\x21-\x7e]{16,}", value.get_secret_value()):
            raise ValueError("must have at least 16 plain letters without spaces, or be empty")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_is_known(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", *POSTGRESQL)):
            raise ValueError("must start with sqlite:/// or postgresql://")
        if value in {"sqlite:///", "sqlite:///:memory:"}:
            raise ValueError("must name a file, as sqlite:///reflect.db does")
        _refuse_odd_port(value)
        return value

    @field_validator("replica_url")
    @classmethod
    def _replica_is_of_postgresql(cls, value: str) -> str:
        if value and not value.startswith(POSTGRESQL):
            raise ValueError("must start with postgresql://")
        _refuse_odd_port(value)
        return value

    @model_validator(mode="after")
    def _replica_has_an_original(self) -> Self:
        if self.replica_url and not self.database_url.startswith(POSTGRESQL):
            raise ValueError("REPLICA_URL needs a DATABASE_URL that starts with postgresql://")
        return self

    @model_validator(mode="after")
    def _oidc_is_whole(self) -> Self:
        given = [bool(self.oidc_issuer), bool(self.oidc_client_id), bool(self.oidc_client_secret.get_secret_value())]
        if any(given) and not all(given):
            raise ValueError("OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET go together, so set all three or none")
        if self.oidc_required and not all(given):
            raise ValueError("OIDC_REQUIRED needs OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET")
        return self

    @property
    def oidc_host(self) -> str:
        """The host of the OpenID provider, to be named on a button; empty where there is none."""
        return urlsplit(self.oidc_issuer).netloc

    @cached_property
    def is_local(self) -> bool:
        """Whether the base URL is this very machine, where plain http and a default secret are tolerable."""
        host = urlsplit(self.base_url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")

    def production_faults(self) -> list[str]:
        """Sentences that forbid serving other people with these settings; empty when all is well."""
        faults = []
        if self.secret_key.get_secret_value() == DEFAULT_SECRET and not self.is_local:
            faults.append("REFLECT_SECRET_KEY is not set: `openssl rand -hex 32` makes a good one.")
        if self.base_url.startswith("http://") and not self.is_local:
            faults.append("REFLECT_BASE_URL must be https: browsers keep no cookie of ours in a frame over http.")
        return faults


def read_settings() -> Settings:
    """The settings of this process; raises SettingsRefused with one line for each fault."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsRefused(
            [
                "_".join(["REFLECT", *map(str, fault["loc"])]).upper() + f": {_words(fault['msg'])}"
                for fault in error.errors()
            ]
        ) from None
    except (OSError, UnicodeError) as error:  # whose own words may show what is in the file
        why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        file = Path(str(Settings.model_config["env_file"])).absolute()
        raise SettingsRefused([f"{file} cannot be read: {why}."]) from None


def unknown_names() -> list[str]:
    """Names in the environment and in `.env` that look like settings and are none: misspelt, most likely."""
    prefix = "REFLECT_"
    known = {f"{prefix}{name}".upper() for name in Settings.model_fields} | {NEW_SECRET}
    sources = EnvSettingsSource(Settings), DotEnvSettingsSource(Settings)
    given = {name.upper() for source in sources for name in source.env_vars}
    return sorted(name for name in given - known if name.startswith(prefix))


def settings_to_serve() -> Settings:
    """`read_settings` for serving other people; also raises SettingsRefused where that would not be safe."""
    found = read_settings()
    if faults := found.production_faults():
        raise SettingsRefused(faults)
    return found


def _words(message: str) -> str:
    return message.removeprefix("Value error, ").replace("Input should", "must")


def _refuse_odd_port(address: str) -> None:
    try:
        _ = urlsplit(address).port
    except ValueError:
        raise ValueError("must have a number from 1 to 65535 as its port, or none") from None
