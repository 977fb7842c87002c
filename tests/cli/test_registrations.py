import pytest

from tests.cli.running import Shell


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
        ("deployment_id", "x" * 256, "--deployment-id"),
    ],
)
def test_a_value_that_cannot_be_right_is_refused_by_name(shell: Shell, name: str, value: str, word: str) -> None:
    result = shell.add(**{name: value})
    assert result.exit_code == 1
    assert word in result.output
    assert shell.said("registration", "list") == []


def test_an_unknown_registration_is_said_to_be_unknown(shell: Shell) -> None:
    result = shell.run("registration", "show", "99")
    assert result.exit_code == 1
    assert "no such registration" in result.output


def test_the_private_key_is_nowhere_in_the_output(shell: Shell) -> None:
    assert "PRIVATE" not in shell.add("--json").output
