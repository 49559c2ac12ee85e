"""What a user may do with memos."""

from backend.core.operations import Browse, Change, Create, Get, Remove
from tests.contract.memos import queries
from tests.contract.memos.models import Memo
from tests.contract.memos.schemas import MemoChange, MemoCreate, MemoRead

MISSING = "You own no memo with this id."

create = Create(Memo, MemoCreate, MemoRead)
browse = Browse(
    queries.ALL,
    MemoRead,
    filter_by=("serial", "stars", "state"),
    sort_by=("serial", "stars"),
    search_by=("title",),
)
get = Get(queries.ONE, MemoRead, MISSING)
change = Change(queries.ONE, MemoChange, MemoRead, MISSING)
remove = Remove(queries.ONE, MISSING)
