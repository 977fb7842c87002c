"""How the domain says no: a stable code, which the web turns into a status and a sentence in the reader's language."""

from collections.abc import Mapping


class Refused(Exception):
    """Something a person asked for is not done; nothing has changed."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.code = code
        self.facts: Mapping[str, str] = facts


class Missing(Refused):
    """What was asked for is not there, or not for this person to know of."""

    def __init__(self, code: str = "missing") -> None:
        super().__init__(code)


class ImportRefused(Refused):
    """A file of an import, or a row of it, cannot be taken as it is; `facts` say where."""


class RestoreRefused(Refused):
    """A backup cannot come back as it was asked for."""


class RotationRefused(Refused):
    """The secret cannot be changed."""


class FormRefused(Refused):
    """A form cannot be taken as it is; `errors` holds a code for each field at fault."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("form")
        self.errors = errors
