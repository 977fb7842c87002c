import pytest

from reflect.domain import guest_codes
from reflect.domain.refusals import Missing


def test_a_code_is_read_as_it_was_meant() -> None:
    assert guest_codes.read_code("ABCD-EF 01") == guest_codes.read_code("abcdefoI") == "abcdef01"
    for typed in ("", "abc", "abcdefgu", "abcdefgh1", "ábcdefgh", "a" * 1000):
        with pytest.raises(Missing, match="guest_code_unknown"):
            guest_codes.read_code(typed)


def test_codes_are_unlike_each_other_and_can_be_read_back() -> None:
    codes = {guest_codes.new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(guest_codes.read_code(code) == code for code in codes)
    assert set("".join(codes)) == set(guest_codes.ALPHABET)
