"""What the data sheet's type hints say of a field: the schemas of all feeds are made of them."""

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from newsspider.items import Zone


def of(item: type) -> dict[str, Any]:
    """Field -> hint, in the order of the columns."""
    return get_type_hints(item, include_extras=True)


def optional(hint: Any) -> bool:
    """
    >>> optional(str | None), optional(str)
    (True, False)
    """
    return type(None) in get_args(hint)


def bare(hint: Any) -> Any:
    """The type of the values that are not None, without what is said about it.

    >>> bare(Annotated[str, "of a kind"] | None), bare(list[str])
    (<class 'str'>, list[str])
    """
    if get_origin(hint) in (Union, UnionType):
        return bare(next(one for one in get_args(hint) if one is not type(None)))
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def zone(hint: Any) -> Zone | None:
    """Of a moment, the zone that it is in as a rule.

    >>> zone(Annotated[str, Zone("UTC", "+00:00")] | None).name, zone(str | None)
    ('UTC', None)
    """
    if get_origin(hint) in (Union, UnionType):
        return next(filter(None, map(zone, get_args(hint))), None)
    return next((said for said in getattr(hint, "__metadata__", ()) if isinstance(said, Zone)), None)
