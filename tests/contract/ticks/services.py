"""What a user may do with ticks."""

from backend.core.operations import Browse, Change, Create, Get, Remove
from tests.contract.ticks import queries
from tests.contract.ticks.models import Tick
from tests.contract.ticks.schemas import TickChange, TickCreate, TickRead

MISSING = "You own no tick with this id."

create = Create(Tick, TickCreate, TickRead)
browse = Browse(
    queries.ALL,
    TickRead,
    filter_by=("venue_code", "venue_id", "memo_serial"),
    sort_by=("venue_code",),
    search_by=("venue_code", "memo_serial"),
)
get = Get(queries.ONE, TickRead, MISSING)
change = Change(queries.ONE, TickChange, TickRead, MISSING)
remove = Remove(queries.ONE, MISSING)
