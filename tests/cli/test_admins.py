"""`reflect admin invite` prints an address that signs somebody in, once."""

from tests.cli.running import shell_of
from tests.installation import Installation
from tests.web.admin.portal import assert_says, fields_in


def test_the_address_signs_in_once(shared: Installation) -> None:
    said = shell_of(shared).run("admin", "invite", "Newt@Fablehill.example")
    assert said.exit_code == 0, said.output
    address = said.output.strip()
    assert address.startswith(f"{shared.base_url}/admin/sign-in?invitation=")
    walker = shared.walker()
    page = walker.get(address)
    assert "newt@fablehill.example" in page.text
    assert walker.post("/admin/sessions", fields_in(page)).status_code == 303
    assert "the command line" in walker.get("/admin/audit").text
    assert_says(shared.walker().get(address), "invitation_used", 410)


def test_what_is_no_address_is_refused_in_one_line(shared: Installation) -> None:
    said = shell_of(shared).run("admin", "invite", "newt")
    assert said.exit_code == 1
    assert said.output == "Error: newt is not an e-mail address.\n"


def test_a_leader_is_invited_as_one_and_stays_one(shared: Installation) -> None:
    shell = shell_of(shared)
    said = shell.run("admin", "invite", "heron@fablehill.example", "--leader")
    walker = shared.walker()
    page = walker.get(said.output.strip())
    assert walker.post("/admin/sessions", fields_in(page)).status_code == 303
    assert walker.get("/admin/insights").status_code == 200
    assert_says(walker.get("/admin/audit"), "leader_only_reads", 403)
    again = shell.run("admin", "invite", "heron@fablehill.example")
    assert again.exit_code == 1
    assert (
        again.output == "Error: heron@fablehill.example is here as something else: remove them in the portal first.\n"
    )
