import pytest

from reflect.lti import refusals
from reflect.lti.refusals import LaunchRefused, refused


def test_a_refusal_has_the_status_of_its_code() -> None:
    refusal = refused("deployment_unknown", "deployment '9' is not one of ours", deployment_id="9")
    assert isinstance(refusal, LaunchRefused)
    assert (refusal.code, refusal.status, refusal.deployment_id) == ("deployment_unknown", 403, "9")


def test_a_code_that_is_not_in_the_table_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        refused("invented", "")


def test_every_status_is_a_refusal() -> None:
    assert set(refusals.STATUS.values()) <= {400, 401, 403, 413, 503}


@pytest.mark.parametrize("value", ["x\ny", "\x1b[31m", "x" * 10_000, {"a": "\n"}, None, 7, "é\ud800"])
def test_a_senders_value_stands_in_a_log_on_one_short_line(value: object) -> None:
    shown = refusals.shown(value)
    assert shown.isascii() and shown.isprintable() and len(shown) <= 1000
