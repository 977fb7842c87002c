"""The codes that guests' addresses end in."""

import secrets

from reflect.domain.refusals import Missing

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no letter that looks like a digit, and no u."""
CODE_LENGTH = 8
"""40 bits: a guess a second would find one of a thousand open check-ins in 35 years."""
_MISREAD = str.maketrans({"i": "1", "l": "1", "o": "0", "-": None, " ": None})


def new_code() -> str:
    """A code that nobody guesses and nobody misreads."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def read_code(typed: str) -> str:
    """A code as it was meant, however it was typed; raises Missing `guest_code_unknown` for what cannot be one."""
    code = typed[:40].lower().translate(_MISREAD)
    if len(code) != CODE_LENGTH or not set(code) <= set(ALPHABET):
        raise Missing("guest_code_unknown")
    return code
