import os
from pathlib import Path

import pytest

from reflect.settings import DEFAULT_SECRET, Settings, SettingsRefused, read_settings, unknown_names
from tests.cli.test_paths import nobody

LONG = "a secret for tests that is long enough to be one"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty folder, and none of our variables."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("REFLECT_")]:
        monkeypatch.delenv(name)


def read(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(f"REFLECT_{name}", value)
    return read_settings()


def faults(monkeypatch: pytest.MonkeyPatch, **values: str) -> list[str]:
    with pytest.raises(SettingsRefused) as refused:
        read(monkeypatch, **values)
    assert refused.value.code == "settings"
    assert str(refused.value).splitlines() == refused.value.faults
    return refused.value.faults


def test_without_any_setting_there_is_a_local_installation() -> None:
    settings = read_settings()
    assert settings.base_url == "http://localhost:8000"
    assert settings.database_url == "sqlite:///reflect.db"
    assert (settings.min_group_size, settings.retention_days, settings.log_format) == (5, 365, "json")
    assert settings.private_hosts == frozenset()
    assert settings.is_local
    assert settings.production_faults() == []


WRONG = [
    *(("BASE_URL", value, "must be an address such as https://reflect.school.example") for value in (
        "", "reflect.school.example", "ftp://reflect.school.example", "https://", "https://a.example?x=1",
        "https://a.example?", "https://a.example#part", "https://somebody:secret@a.example",
    )),
    ("BASE_URL", "https://a.example/reflect", "must have no path: Reflect needs a host name of its own"),
    ("BASE_URL", "https://a.example:port", "must have a number from 1 to 65535 as its port, or none"),
    ("BASE_URL", "https://a.example:70000", "must have a number from 1 to 65535 as its port, or none"),
    *(("DATABASE_URL", value, "must start with sqlite:/// or postgresql://") for value in (
        "", "reflect.db", "mysql://localhost/reflect", "sqlite://", "postgres://localhost/reflect",
    )),
    ("DATABASE_URL", "sqlite:///", "must name a file, as sqlite:///reflect.db does"),
    ("DATABASE_URL", "sqlite:///:memory:", "must name a file, as sqlite:///reflect.db does"),
    ("REPLICA_URL", "sqlite:///reflect.db", "must start with postgresql://"),
    ("REPLICA_URL", "postgresql://host:port/reflect", "must have a number from 1 to 65535 as its port, or none"),
    ("DATABASE_URL", "postgresql://host:port/reflect", "must have a number from 1 to 65535 as its port, or none"),
    *(("SECRET_KEY", value, "must have at least 32 characters; `openssl rand -hex 32` makes a good one") for value in (
        "", "x" * 31,
    )),
    *(("TRUSTED_PROXIES", value, "must be addresses or networks such as 10.0.0.5, 172.16.0.0/12, fc00::/7") for value in (
        "proxy", "10.0.0.0/33", "10.0.0.1/8",
    )),
    *(("MIN_GROUP_SIZE", value, "must be greater than or equal to 3") for value in ("2", "0", "-5")),
    ("MIN_GROUP_SIZE", "51", "must be less than or equal to 50"),
    *(("MIN_GROUP_SIZE", value, "must be a valid integer") for value in ("", "five", "4.5")),
    ("RETENTION_DAYS", "0", "must be greater than or equal to 1"),
    ("RETENTION_DAYS", "3651", "must be less than or equal to 3650"),
    ("RETENTION_DAYS", "for ever", "must be a valid integer"),
    *(("PRIVATE_HOSTS", value, "must be hosts such as moodle.school.example, 10.0.0.5:8443, [fd00::5]") for value in (
        "https://moodle.example/", "moodle.example/path", "a.example, *.b.example", "10.0.0.0/8", "fd00::5",
    )),
    *(("DEFAULT_LOCALE", value, "must be a language that there is: en, ar, de,") for value in ("german", "xx", "")),
    ("LOG_FORMAT", "xml", "must be 'json' or 'console'"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "sentence"), WRONG)
def test_a_wrong_value_gives_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    (line,) = faults(monkeypatch, **{name: value})
    assert line.startswith(f"REFLECT_{name}: {sentence}")
    assert "\n" not in line


def test_all_wrong_values_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = faults(monkeypatch, BASE_URL="x", MIN_GROUP_SIZE="2", LOG_FORMAT="xml")
    assert sorted(line.partition(":")[0] for line in found) == [
        "REFLECT_BASE_URL", "REFLECT_LOG_FORMAT", "REFLECT_MIN_GROUP_SIZE",
    ]  # fmt: skip


def test_a_fault_never_repeats_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    found = faults(monkeypatch, SECRET_KEY="too short a secret", DATABASE_URL="mysql://me:password@host/db")
    assert "too short" not in str(found)
    assert "password" not in str(found)


def test_the_secret_is_not_shown_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, SECRET_KEY=LONG)
    assert LONG not in repr(settings)
    assert settings.secret_key.get_secret_value() == LONG


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://Reflect.School.Example/", "https://reflect.school.example"),
        ("https://a.example:8443", "https://a.example:8443"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_base_url_is_kept_as_an_origin(monkeypatch: pytest.MonkeyPatch, given: str, kept: str) -> None:
    assert read(monkeypatch, BASE_URL=given).base_url == kept


@pytest.mark.parametrize(
    "value", ["sqlite:////var/lib/reflect.db", "postgresql://me@host:5432/db", "postgresql+psycopg://host/db"]
)
def test_files_and_postgresql_are_taken(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    assert read(monkeypatch, DATABASE_URL=value).database_url == value


@pytest.mark.parametrize("k", ["3", "50"])
def test_the_group_size_may_be_3_to_50(monkeypatch: pytest.MonkeyPatch, k: str) -> None:
    assert read(monkeypatch, MIN_GROUP_SIZE=k).min_group_size == int(k)


@pytest.mark.parametrize(
    "value", ["a.example,b.example:8001", " A.example  b.example:8001 ", "a.example, b.example:8001,"]
)
def test_private_hosts_are_a_list_by_commas_or_spaces(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    assert read(monkeypatch, PRIVATE_HOSTS=value).private_hosts == {"a.example", "b.example:8001"}


def test_a_file_may_hold_the_settings_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("REFLECT_MIN_GROUP_SIZE=7\nREFLECT_RETENTION_DAYS=30\nSOMETHING_ELSE=1\n")
    settings = read(monkeypatch, RETENTION_DAYS="60")
    assert (settings.min_group_size, settings.retention_days) == (7, 60)


@pytest.mark.parametrize(
    ("base_url", "is_local"),
    [
        ("http://localhost:8000", True),
        ("http://reflect.localhost", True),
        ("http://127.0.0.1:8000", True),
        ("http://127.9.9.9", True),
        ("http://[::1]", True),
        ("http://localhost.example", False),
        ("http://127.0.0.1.example", False),
        ("http://10.0.0.1", False),
        ("https://reflect.school.example", False),
    ],
)
def test_only_this_very_machine_is_local(monkeypatch: pytest.MonkeyPatch, base_url: str, is_local: bool) -> None:
    assert read(monkeypatch, BASE_URL=base_url).is_local is is_local


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"BASE_URL": "https://a.example"}, ["REFLECT_SECRET_KEY"]),
        ({"BASE_URL": "https://a.example", "SECRET_KEY": DEFAULT_SECRET}, ["REFLECT_SECRET_KEY"]),
        ({"BASE_URL": "http://a.example", "SECRET_KEY": LONG}, ["REFLECT_BASE_URL"]),
        ({"BASE_URL": "http://a.example"}, ["REFLECT_SECRET_KEY", "REFLECT_BASE_URL"]),
        ({"BASE_URL": "https://a.example", "SECRET_KEY": LONG}, []),
        ({"BASE_URL": "http://127.0.0.1:8000"}, []),
    ],
)
def test_serving_others_needs_a_secret_and_https(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], names: list[str]
) -> None:
    found = read(monkeypatch, **values).production_faults()
    assert [line.split()[0] for line in found] == names
    assert not [line for line in found if "\n" in line]


def test_settings_cannot_be_changed_later() -> None:
    with pytest.raises(Exception, match="frozen"):
        read_settings().min_group_size = 3


OIDC = {"OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "reflect", "OIDC_CLIENT_SECRET": "secret"}


@pytest.mark.parametrize("missing", OIDC)
def test_a_provider_to_sign_in_with_is_named_wholly_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    (fault,) = faults(monkeypatch, **{name: value for name, value in OIDC.items() if name != missing})
    assert fault.startswith("REFLECT: ")
    assert "OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET go together" in fault
    assert "secret" not in fault.replace("OIDC_CLIENT_SECRET", "")


def test_a_provider_that_is_named_wholly_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, **OIDC)
    assert settings.oidc_host == "id.example"
    assert "secret" not in repr(settings).replace("secret_key", "").replace("oidc_client_secret", "")


def test_nobody_must_sign_in_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, **OIDC).oidc_required is False
    assert read(monkeypatch, **OIDC, OIDC_REQUIRED="true").oidc_required is True


def test_a_sign_in_that_is_required_needs_a_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    [fault] = faults(monkeypatch, OIDC_REQUIRED="true")
    assert fault == "REFLECT: OIDC_REQUIRED needs OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET"


@pytest.mark.parametrize("value", ["en", "de", "de-AT", "pt_BR", "zh-Hans"])
def test_a_language_that_there_is_may_be_the_first(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    assert read(monkeypatch, DEFAULT_LOCALE=value).default_locale == value


def test_names_that_are_no_settings_are_found_wherever_they_stand(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("REFLECT_RETENTION_DAY=30\nREFLECT_MIN_GROUP_SIZE=7\nSOMETHING_ELSE=1\n")
    for name in ("REFLECT_BASE_URI", "reflect_log_format", "REFLECT_NEW_SECRET_KEY"):
        monkeypatch.setenv(name, "x")
    assert unknown_names() == ["REFLECT_BASE_URI", "REFLECT_RETENTION_DAY"]


def test_a_file_that_is_no_text_is_named_and_nothing_of_it_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_bytes(f"# für alle\nREFLECT_SECRET_KEY={LONG}\n".encode("latin-1"))
    assert faults(monkeypatch) == [f"{tmp_path / '.env'} cannot be read: it is not text in UTF-8."]


def test_a_file_that_may_not_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").touch(0)
    with nobody():
        assert faults(monkeypatch) == [f"{tmp_path / '.env'} cannot be read: Permission denied."]
