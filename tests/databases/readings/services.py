"""What a user may do with readings."""

from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.operations import Browse, Change, Create, Finder, Get, Remove
from tests.contract.cabinets import services as cabinets_services
from tests.databases.readings import queries
from tests.databases.readings.models import Reading
from tests.databases.readings.schemas import ReadingChange, ReadingCreate, ReadingRead

MISSING = "You own no reading with this id."
_REFERS_TO: dict[str, Finder] = {"cabinet_id": cabinets_services.get}

create = Create(Reading, ReadingCreate, ReadingRead, refers_to=_REFERS_TO)
browse = Browse(queries.ALL, ReadingRead, filter_by=("sensor",), sort_by=("sensor",))
get = Get(queries.ONE, ReadingRead, MISSING)
change = Change(queries.ONE, ReadingChange, ReadingRead, MISSING, refers_to=_REFERS_TO)
remove = Remove(queries.ONE, MISSING)


def count(db: Session, owner_id: UUID) -> int:
    """How many readings the owner has."""
    return queries.number_of(db, owner_id)
