import json

import pytest

from tests.cli.running import Shell, shell_of
from tests.installation import Installation
from tests.web.admin.portal import signed_in


def test_a_registration_is_added_listed_shown_and_switched(shell: Shell) -> None:
    assert shell.add().exit_code == 0
    [listed] = shell.said("registration", "list")
    assert (listed["issuer"], listed["client_id"], listed["is_enabled"]) == ("https://moodle.example.org", "abc", True)
    assert [it["deployment_id"] for it in listed["deployments"]] == ["1"]
    assert shell.run("registration", "disable", str(listed["id"])).exit_code == 0
    assert shell.said("registration", "show", str(listed["id"]))["is_enabled"] is False
    assert shell.run("registration", "enable", str(listed["id"])).exit_code == 0
    assert shell.said("registration", "show", str(listed["id"]))["is_enabled"] is True


def test_the_same_issuer_and_client_id_are_not_added_twice(shell: Shell) -> None:
    shell.add()
    again = shell.add(deployment_id="2")
    assert again.exit_code == 1
    assert "exists already" in again.output
    assert len(shell.said("registration", "list")) == 1


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("issuer", "http://moodle.example.org", "--issuer"),
        ("auth_url", "javascript:alert(1)", "--auth-url"),
        ("keyset_url", "moodle.example.org/keys", "--keyset-url"),
        ("token_url", "https://user@moodle.example.org/", "--token-url"),
        ("client_id", " ", "--client-id"),
        ("service_hosts", "*.example.org", "--service-hosts"),
        ("deployment_id", "x" * 256, "--deployment-id"),
    ],
)
def test_a_value_that_cannot_be_right_is_refused_by_name(shell: Shell, name: str, value: str, word: str) -> None:
    result = shell.add(**{name: value})
    assert result.exit_code == 1
    assert word in result.output
    assert shell.said("registration", "list") == []


def test_the_hosts_of_a_platforms_services_are_listed_and_listed_anew(shell: Shell) -> None:
    shell.add(service_hosts="b.example.org a.example.org")
    [listed] = shell.said("registration", "list")
    assert listed["service_hosts"] == "a.example.org b.example.org"
    registration_id = str(listed["id"])
    done = shell.run("registration", "hosts", registration_id, "c.example.org:8443")
    assert done.output == f"Registration {registration_id}: c.example.org:8443.\n"
    assert "service hosts: c.example.org:8443" in shell.run("registration", "show", registration_id).output
    wrong = shell.run("registration", "hosts", registration_id, "*.example.org")
    assert (wrong.exit_code, "without wildcards" in wrong.output) == (1, True)
    assert shell.run("registration", "hosts", registration_id).exit_code == 2
    assert shell.run("registration", "hosts", registration_id, "--none").exit_code == 0
    assert shell.said("registration", "show", registration_id)["service_hosts"] == ""


def test_an_unknown_registration_is_said_to_be_unknown(shell: Shell) -> None:
    result = shell.run("registration", "show", "99")
    assert result.exit_code == 1
    assert "no such registration" in result.output


def test_the_private_key_is_nowhere_in_the_output(shell: Shell) -> None:
    assert "PRIVATE" not in shell.add("--json").stdout


def test_an_invitation_for_an_lms_is_printed_and_listed_in_the_portal(shared: Installation) -> None:
    said = shell_of(shared).run("registration", "invite", "--name", "From the shell", "--lms", "moodle")
    assert said.output.startswith(f"{shared.base_url}/lti/register?invitation=")
    assert "From the shell" in signed_in(shared).words("/admin/registrations")
    assert shell_of(shared).run("registration", "invite", "--name", "x" * 256).exit_code == 1


def test_a_registration_is_added_tested_switched_off_and_on_and_all_of_it_is_in_the_log(shared: Installation) -> None:
    base = shared.platform.base_url
    values = {
        "name": "Shell 100%", "lms": "other", "issuer": base, "client-id": "from-the-shell",
        "auth-url": f"{base}/authorize", "token-url": f"{base}/token", "keyset-url": f"{base}/jwks", "deployment-id": "1",
    }  # fmt: skip
    options = [word for name, value in values.items() for word in (f"--{name}", value)]
    added = shell_of(shared).run("registration", "add", "--json", *options)
    assert added.exit_code == 0, added.output
    registration_id = str(json.loads(added.stdout)["id"])
    again = shell_of(shared).run("registration", "add", *options)
    assert "exists already" in again.output
    for verb in ("disable", "enable"):
        assert shell_of(shared).run("registration", verb, registration_id).exit_code == 0
    found = json.loads(shell_of(shared).run("registration", "test", registration_id, "--json").stdout)
    by_check = {finding["check"]: finding["is_well"] for finding in found}
    assert by_check["The keyset of the LMS can be fetched and has RSA keys"] is True
    assert by_check["The LMS shares people’s names"] is None
    log = signed_in(shared).words("/admin/audit")
    for words in ("switched a registration off", "switched a registration on", "added a registration"):
        assert f"the command line {words} Shell 100%" in log


def test_a_test_of_what_is_not_there_says_so(shared: Installation) -> None:
    said = shell_of(shared).run("registration", "test", "987654")
    assert said.exit_code == 1
    assert "There is no such registration" in said.output
