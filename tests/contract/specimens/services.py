"""What a user may do with specimens."""

from backend.core.operations import Browse, Change, Create, Get, Remove
from tests.contract.specimens import queries
from tests.contract.specimens.models import Specimen
from tests.contract.specimens.schemas import SpecimenChange, SpecimenCreate, SpecimenRead

MISSING = "You own no specimen with this id."
_SORTED = ("code", "whole", "big", "day", "at", "price", "units", "ratio")

create = Create(Specimen, SpecimenCreate, SpecimenRead)
browse = Browse(
    queries.ALL,
    SpecimenRead,
    filter_by=(
        *_SORTED,
        *("yes", "key", "mood"),
        *("maybe_code", "maybe_yes", "maybe_day", "maybe_at", "maybe_mood", "maybe_price"),
    ),
    sort_by=_SORTED,
)
get = Get(queries.ONE, SpecimenRead, MISSING)
change = Change(queries.ONE, SpecimenChange, SpecimenRead, MISSING)
remove = Remove(queries.ONE, MISSING)
