"""Ids in addresses: as many digits as a database's integer surely holds. Whatever is longer is an id of nothing."""

from starlette.convertors import IntegerConvertor, register_url_convertor


class _Id(IntegerConvertor):
    regex = "[0-9]{1,9}"


def limit() -> None:
    """Let `{…:int}` of every route mean such an id; to be called before the first route is made."""
    register_url_convertor("int", _Id())
