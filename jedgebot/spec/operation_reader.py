"""What a module's declared operations know of its table: lists, and references without a key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.core.models import AnyRecord
from backend.core.operations import Browse, Change, Create, Get


@dataclass(frozen=True)
class Operations:
    """What the operations of a module say.

    Attributes:
        has_list: whether a list is declared at all.
        filter_by: columns that the list can be filtered by.
        sort_by: columns that it can be sorted by.
        search_by: columns that it can be searched in.
        soft: by column, the model of the rows that are looked for when it is sent.
    """

    has_list: bool = False
    filter_by: tuple[str, ...] = ()
    sort_by: tuple[str, ...] = ()
    search_by: tuple[str, ...] = ()
    soft: Mapping[str, type[AnyRecord]] = field(default_factory=dict)

    @classmethod
    def of(cls, services: Mapping[str, object]) -> "Operations":
        """Those among the names of a `services.py`."""
        soft: dict[str, type[AnyRecord]] = {}
        lists: list[Browse[Any]] = []
        for operation in services.values():
            if isinstance(operation, Create | Change):
                finders = operation.refers_to.items()
                soft |= {name: one.model for name, one in finders if isinstance(one, Get)}
            elif isinstance(operation, Browse):
                lists.append(operation)
        if not lists:
            return cls(soft=soft)
        parameters = lists[0].parameters
        return cls(
            has_list=True,
            filter_by=parameters.filter_by,
            sort_by=parameters.sort_by,
            search_by=parameters.search_by,
            soft=soft,
        )
