from collections.abc import Callable

import pytest
from cryptography.exceptions import InvalidTag

from reflect.domain.emotions import EMOTIONS
from reflect.domain.privacy.sealing import CONTENT_SIZE, Content, Sealer
from reflect.keyring import Keyring

SEALER = Sealer(Keyring("a secret for tests that is long enough to be one"))


def test_a_seal_opens_to_what_was_sealed() -> None:
    assert [SEALER.open(1, SEALER.seal(1, Content(key))).choice for key in EMOTIONS] == list(EMOTIONS)


def test_all_seals_have_one_length() -> None:
    assert {len(SEALER.seal(checkin_id, Content(key))) for key in EMOTIONS for checkin_id in (1, 10**9)} == {
        12 + CONTENT_SIZE + 16
    }


def test_equal_answers_have_different_seals() -> None:
    assert len({SEALER.seal(1, Content("calm")) for _ in range(100)}) == 100


def test_an_answer_too_long_for_the_seal_is_refused_because_its_size_would_show() -> None:
    with pytest.raises(ValueError, match="longer than the seal"):
        SEALER.seal(1, Content("x" * CONTENT_SIZE))


@pytest.mark.parametrize(
    "tamper",
    [
        pytest.param(lambda seal: bytes([seal[0] ^ 1]) + seal[1:], id="nonce"),
        pytest.param(lambda seal: seal[:20] + bytes([seal[20] ^ 1]) + seal[21:], id="content"),
        pytest.param(lambda seal: seal[:-1] + bytes([seal[-1] ^ 1]), id="tag"),
        pytest.param(lambda seal: seal[:-1], id="length"),
    ],
)
def test_an_altered_seal_does_not_open(tamper: Callable[[bytes], bytes]) -> None:
    with pytest.raises(InvalidTag):
        SEALER.open(1, tamper(SEALER.seal(1, Content("calm"))))


def test_a_seal_of_another_checkin_does_not_open() -> None:
    with pytest.raises(InvalidTag):
        SEALER.open(2, SEALER.seal(1, Content("calm")))


def test_a_seal_under_another_secret_does_not_open() -> None:
    with pytest.raises(InvalidTag):
        Sealer(Keyring("another secret, just as long as the first one")).open(1, SEALER.seal(1, Content("calm")))


def test_another_process_with_the_same_secret_opens_it() -> None:
    again = Sealer(Keyring("a secret for tests that is long enough to be one"))
    assert again.open(1, SEALER.seal(1, Content("calm"))) == Content("calm")


def test_no_plain_answer_is_in_a_seal() -> None:
    assert b"frustrated" not in SEALER.seal(1, Content("frustrated"))
    assert b"choice" not in SEALER.seal(1, Content("frustrated"))
