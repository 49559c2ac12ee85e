"""What a user may do with fills."""

from backend.core.operations import Browse, Change, Create, Get, Remove
from benchmarks.ours.fills import queries
from benchmarks.ours.fills.models import Fill
from benchmarks.ours.fills.schemas import FillChange, FillCreate, FillRead

MISSING = "You own no fill with this id."

create = Create(Fill, FillCreate, FillRead)
browse = Browse(
    queries.ALL,
    FillRead,
    filter_by=("symbol", "side", "executed_at"),
    sort_by=("executed_at",),
)
get = Get(queries.ONE, FillRead, MISSING)
change = Change(queries.ONE, FillChange, FillRead, MISSING)
remove = Remove(queries.ONE, MISSING)
