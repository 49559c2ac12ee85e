"""What the annotation of a field is made of."""

from collections.abc import Iterator
from typing import Literal, get_args, get_origin


def kinds(annotation: object) -> Iterator[object]:
    """Every type in an annotation, at any depth; of a generic one its origin, too."""
    origin = get_origin(annotation)
    yield annotation if origin is None else origin
    if origin is not Literal:
        for argument in get_args(annotation):
            yield from kinds(argument)


def has_kind(annotation: object, kind: object) -> bool:
    """Whether a type is in an annotation."""
    return any(one is kind for one in kinds(annotation))


def literals(annotation: object) -> Iterator[object]:
    """Every value that a `Literal` in an annotation names."""
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    else:
        for argument in get_args(annotation):
            yield from literals(argument)
