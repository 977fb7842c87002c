"""The addresses that invitations go out as; whole, because they are pasted into other programs."""

from reflect.domain.invitations import signed
from reflect.keyring import Keyring

SIGN_IN = "/admin/sign-in"
REGISTER = "/lti/register"


def sign_in(base_url: str, keyring: Keyring, invitation_id: str) -> str:
    """The address that lets an administrator in once; in the query, because paths are logged."""
    return f"{base_url}{SIGN_IN}?invitation={signed(keyring, 'sign in', invitation_id)}"


def register(base_url: str, keyring: Keyring, invitation_id: str) -> str:
    """The address that lets an LMS register itself once."""
    return f"{base_url}{REGISTER}?invitation={signed(keyring, 'registration', invitation_id)}"
