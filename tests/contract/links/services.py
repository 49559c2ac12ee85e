"""What a user may do with links."""

from backend.core.operations import Browse, Change, Create, Finder, Get, Remove
from tests.contract.cabinets import services as cabinets_services
from tests.contract.links import queries
from tests.contract.links.models import Link
from tests.contract.links.schemas import LinkChange, LinkCreate, LinkRead
from tests.contract.venues import services as venues_services

MISSING = "You own no link with this id."
_REFERS_TO: dict[str, Finder] = {
    "cabinet_id": cabinets_services.get,
    "venue_id": venues_services.get,
}

create = Create(Link, LinkCreate, LinkRead, refers_to=_REFERS_TO)
browse = Browse(queries.ALL, LinkRead, filter_by=("cabinet_id",))
get = Get(queries.ONE, LinkRead, MISSING)
change = Change(queries.ONE, LinkChange, LinkRead, MISSING, refers_to=_REFERS_TO)
remove = Remove(queries.ONE, MISSING)
