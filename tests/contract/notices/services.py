"""What a user may do with notices."""

from backend.core.operations import Browse, Change, Create, Get, Remove
from tests.contract.notices import queries
from tests.contract.notices.models import Notice
from tests.contract.notices.schemas import NoticeChange, NoticeCreate, NoticeRead

MISSING = "There is no notice with this id."

create = Create(Notice, NoticeCreate, NoticeRead)
browse = Browse(queries.ALL, NoticeRead, search_by=("text",))
get = Get(queries.ONE, NoticeRead, MISSING)
change = Change(queries.ONE, NoticeChange, NoticeRead, MISSING)
remove = Remove(queries.ONE, MISSING)
