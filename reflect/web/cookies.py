"""Cookies that live in somebody else's frame: `__Host-`, Secure, SameSite=None and, where wanted, Partitioned (CHIPS).

The header is written by hand because Python's own cookie classes know `Partitioned` only from 3.14 on.
"""

from starlette.responses import Response


def set_cookie(
    response: Response, name: str, value: str, max_age: int, *, partitioned: bool = True, same_site: str = "None"
) -> None:
    """Set a cookie for `max_age` seconds; the value must be of cookie characters (ours are base64url)."""
    attributes = f"Path=/; Max-Age={max_age}; Secure; HttpOnly; SameSite={same_site}"
    response.headers.append("set-cookie", f"{name}={value}; {attributes}{'; Partitioned' * partitioned}")


def delete_cookie(response: Response, name: str, *, partitioned: bool = True) -> None:
    """Take a cookie back."""
    set_cookie(response, name, "", 0, partitioned=partitioned)
