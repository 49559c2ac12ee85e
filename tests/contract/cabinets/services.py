"""What a user may do with cabinets."""

from backend.core.operations import Browse, Change, Create, Get, Remove
from tests.contract.cabinets import queries
from tests.contract.cabinets.models import Cabinet
from tests.contract.cabinets.schemas import CabinetChange, CabinetCreate, CabinetRead

MISSING = "You own no cabinet with this id."

create = Create(Cabinet, CabinetCreate, CabinetRead)
browse = Browse(queries.ALL, CabinetRead, filter_by=("name",), sort_by=("name",))
get = Get(queries.ONE, CabinetRead, MISSING)
change = Change(queries.ONE, CabinetChange, CabinetRead, MISSING)
remove = Remove(queries.ONE, MISSING)
