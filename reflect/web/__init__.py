"""HTTP in, HTML out: one module a noun, and the whole house in `app`."""

from starlette.convertors import IntegerConvertor, register_url_convertor


class _Id(IntegerConvertor):
    """A number in an address. Longer ones, which no database has a place for, are at no address of ours."""

    regex = "[0-9]{1,9}"


# Before any address is made: this package comes before its modules.
register_url_convertor("int", _Id())
