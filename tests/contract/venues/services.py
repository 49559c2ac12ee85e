"""What a user may do with venues."""

from backend.core.operations import Browse, Change, Create, Get, Remove
from tests.contract.venues import queries
from tests.contract.venues.models import Venue
from tests.contract.venues.schemas import VenueChange, VenueCreate, VenueRead

MISSING = "There is no venue with this id."
_SORTED = ("code", "currency", "timezone", "opens")

create = Create(Venue, VenueCreate, VenueRead)
browse = Browse(
    queries.ALL,
    VenueRead,
    filter_by=(*_SORTED, "closes", "contact", "website"),
    sort_by=_SORTED,
    search_by=("name", "contact", "website"),
)
get = Get(queries.ONE, VenueRead, MISSING)
change = Change(queries.ONE, VenueChange, VenueRead, MISSING)
remove = Remove(queries.ONE, MISSING)
