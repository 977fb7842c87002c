"""The demo campus: a small, honest LTI 1.3 platform with pages of its own.

`reflect demo` shows it beside Reflect, on another site, and it is the platform of our tests. It stands apart
from the code it tries out: of Reflect it imports only where the files live, and it signs by PyJWT alone.
"""
