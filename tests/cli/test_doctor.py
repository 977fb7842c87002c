"""`reflect doctor`: every finding with what to do, and an exit code that a script can use."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from reflect.cli.doctor import _files
from reflect.settings import Settings
from reflect.web.language import SOURCE
from tests.cli.running import shell_of
from tests.installation import Installation


def findings(said: str) -> dict[str, tuple[bool | None, str]]:
    return {finding["check"]: (finding["is_well"], finding["advice"]) for finding in json.loads(said)}


def test_an_installation_is_looked_over_with_every_platform(installation: Installation) -> None:
    found = findings(shell_of(installation).run("doctor", "--json").stdout)
    for check in (
        "Only this machine reaches Reflect, so no https is needed",
        "The secret is your own",
        "The database answers",
        "The schema is the newest",
        "Our private keys can be decrypted",
        "Campus: The keyset of the LMS can be fetched and has RSA keys",
        "Campus: The clocks agree",
        "Campus: Browsers may open Reflect inside the LMS",
    ):
        assert found[check] == (True, ""), check
    assert found["Campus: The LMS shares people’s names"][0] is None


def test_what_is_wrong_comes_with_what_to_do_and_ends_with_1(installation: Installation) -> None:
    installation.platform.keyset_fault = "html"
    said = shell_of(installation).run("doctor")
    assert said.exit_code == 1
    assert "FAIL Campus: The keyset of the LMS can be fetched and has RSA keys" in said.output
    other_secret = shell_of(installation, secret_key="another secret that is long enough to be one").run(
        "doctor", "--json"
    )
    well, advice = findings(other_secret.stdout)["Our private keys can be decrypted"]
    assert well is False
    assert "REFLECT_SECRET_KEY" in advice
    private = findings(shell_of(installation, private_hosts="").run("doctor", "--json").stdout)
    assert "https addresses" in private["Campus: The keyset of the LMS can be fetched and has RSA keys"][1]


def test_a_database_that_is_away_is_said_to_be(installation: Installation) -> None:
    said = shell_of(installation, database_url="postgresql://nobody@127.0.0.1:1/none").run("doctor", "--json")
    assert said.exit_code == 1
    well, advice = findings(said.stdout)["The database answers"]
    assert well is False
    assert "REFLECT_DATABASE_URL" in advice


def test_an_http_address_for_other_people_is_a_fault(installation: Installation) -> None:
    found = findings(shell_of(installation, base_url="http://reflect.school.example").run("doctor", "--json").stdout)
    assert found["People reach Reflect by https"][0] is False


def test_an_openid_provider_that_does_not_answer_is_a_fault(installation: Installation) -> None:
    provider = {"oidc_issuer": "http://127.0.0.1:1", "oidc_client_id": "x", "oidc_client_secret": "x"}
    said = shell_of(installation, **provider, oidc_required="true").run("doctor", "--json")
    well, advice = findings(said.stdout)["The OpenID provider answers"]
    assert well is False
    assert "REFLECT_OIDC_ISSUER" in advice
    assert "The OpenID provider answers" not in findings(shell_of(installation).run("doctor", "--json").stdout)


def test_a_misspelt_setting_is_named(installation: Installation) -> None:
    check, shell = "All names that begin with REFLECT_ are settings", shell_of(installation, retention_day="30")
    well, advice = findings(shell.run("doctor", "--json").stdout)[check]
    assert well is None and "REFLECT_RETENTION_DAY" in advice and "30" not in advice


def test_files_that_others_may_read_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(_env_file=None, database_url="sqlite:///reflect.db")
    with TemporaryDirectory() as name:  # pytest's own are nobody else's anyway
        folder = Path(name)
        monkeypatch.chdir(folder)
        (folder / "reflect.db").touch(0o600)
        (folder / ".env").touch(0o644)
        assert _files(settings).is_well, "the folder is for one alone"
        folder.chmod(0o755)
        found = _files(settings)
        assert not found.is_well and found.told(SOURCE)["advice"] == "Run `chmod 600 .env`."
        monkeypatch.undo()
