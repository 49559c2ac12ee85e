"""What the checks hold for a choice of one owner's rows."""

from pathlib import Path

import pytest
from sqlalchemy import (
    ClauseElement,
    Table,
    and_,
    delete,
    exists,
    not_,
    or_,
    select,
    text,
    union,
    update,
)

from backend.core.models import Base
from backend.core.statements import OWNER, ROW
from backend.user_profiles.models import UserProfile
from backend.user_sessions.models import UserSession
from backend.users.models import User
from jedgebot.checks.operations import is_by_owner
from jedgebot.checks.owner_filters import of_any_owner
from jedgebot.checks.source import read_source

QUERY = """
from sqlalchemy import and_, delete, exists, not_, or_, select
from backend.trades.models import Trade

{query}
"""
OF_OWNER = [
    "def a(db, owner_id): return db.scalar(select(Trade).where(Trade.user_id == owner_id))",
    "def a(db, owner_id): return db.scalar(ONE, {'owner_id': owner_id})",
    "def a(db, owner_id): return db.scalar(_own(owner_id))",
    "def a(db, trade: Trade): db.add(trade)",
    "def a(db, owner_id, trade_id): return db.get(Trade, (owner_id, trade_id))",
    "def a(db, owner_id): return select(Trade).where(and_(Trade.user_id == owner_id, Trade.open))",
    "def a(db, owner_id): return select(Trade).where((Trade.user_id == owner_id) & Trade.open)",
    "def a(db, owner_id): return select(~exists().where(Trade.user_id == owner_id))",
    (
        "def a(db, owner_id): return select(Trade)"
        ".where(Trade.user_id == owner_id, or_(Trade.open, Trade.done))"
    ),
    (
        "def a(db, owner_id):\n    wanted = select(Trade)\n    if db:\n"
        "        wanted = wanted.where(Trade.user_id == owner_id)\n    return wanted\n"
    ),
]
OF_ANY_OWNER = [
    ("def a(db): return db.scalar(select(Trade))", 5),
    ("def a(db, owner_id, trade_id): return db.get(Trade, (trade_id, owner_id))", 5),
    *(
        (f"def a(db, owner_id): return {chosen}", 5)
        for chosen in (
            "select(Trade).where(or_(Trade.user_id == owner_id, Trade.open))",
            "select(Trade).where((Trade.user_id == owner_id) | Trade.open)",
            "select(Trade).where(or_(Trade.open, _is_of(owner_id)))",
            "select(Trade).where(not_(Trade.user_id == owner_id))",
            "select(Trade).where(~(Trade.user_id == owner_id))",
            "select(Trade).where(Trade.user_id == owner_id if db else Trade.open)",
            "select(Trade).where(Trade.user_id == owner_id or Trade.open)",
            "select(Trade, Trade.user_id == owner_id)",
            "select(Trade).order_by(Trade.user_id == owner_id)",
        )
    ),
    ("def a(db, owner_id): return db.scalar(select(Trade))", 5),
    ("def a(db, owner_id):\n    return select(Trade).where(Trade.user_id != owner_id)\n", 5),
    (
        (
            "def a(db, owner_id):\n    db.execute(delete(Trade))\n"
            "    return select(Trade).where(Trade.user_id == owner_id)\n"
        ),
        6,
    ),
    (
        (
            "def a(db, owner_id):\n    own = select(Trade).where(Trade.user_id == owner_id)\n"
            "    others = select(Trade)\n    return own, others\n"
        ),
        7,
    ),
]


@pytest.mark.parametrize(("query", "line"), [*((query, None) for query in OF_OWNER), *OF_ANY_OWNER])
def test_each_statement_of_a_query_chooses_by_the_owner(
    query: str, line: int | None, tmp_path: Path
) -> None:
    path = "queries.py"
    (tmp_path / path).write_text(QUERY.format(query=query), encoding="utf-8")
    source = read_source(tmp_path, path)
    assert source is not None
    function = source.function("a")
    assert function is not None
    places = [source.at(one) for one in of_any_owner(source, function, "backend.trades.models")]
    assert places == ([] if line is None else [f"{path}:{line}"])


IS_OWNERS = UserProfile.user_id == OWNER
IS_ANNS = UserProfile.username == "ann"
BY_OWNER = [
    select(UserProfile).where(IS_OWNERS),
    select(UserProfile.username).where(OWNER.__eq__(UserProfile.user_id)),
    select(UserProfile).where(IS_ANNS).where(IS_OWNERS).order_by(UserProfile.id).limit(1),
    select(UserProfile).where(and_(or_(IS_ANNS, UserProfile.id == ROW), IS_OWNERS)),
    update(UserProfile).where(IS_OWNERS).values(username="ann"),
    delete(UserProfile).where(IS_OWNERS, IS_ANNS),
    exists().where(IS_OWNERS),
    union(select(UserProfile).where(IS_OWNERS), select(UserProfile).where(IS_OWNERS, IS_ANNS)),
]
OF_ANYONE = [
    select(UserProfile),
    select(UserProfile).where(UserProfile.id == OWNER),
    select(UserProfile).where(UserProfile.user_id == ROW),
    select(UserProfile).where(UserProfile.user_id != OWNER),
    select(UserProfile).where(or_(IS_OWNERS, IS_ANNS)),
    select(UserProfile).where(not_(IS_OWNERS)),
    select(UserProfile).where(UserSession.user_id == OWNER),
    select(UserProfile).where(select(UserSession).where(UserSession.user_id == OWNER).exists()),
    select(UserProfile, IS_OWNERS),
    update(UserProfile).values(user_id=OWNER),
    delete(UserProfile),
    exists().where(IS_ANNS),
    exists().where(IS_ANNS, exists().where(IS_OWNERS)),
    union(select(UserProfile).where(IS_OWNERS), select(UserProfile)),
    text("SELECT * FROM user_profiles WHERE user_id = :owner_id"),
]


@pytest.mark.parametrize(
    ("statement", "is_owned"),
    [*((one, True) for one in BY_OWNER), *((one, False) for one in OF_ANYONE)],
)
def test_a_statement_is_by_its_owner_or_not(statement: ClauseElement, *, is_owned: bool) -> None:
    assert is_by_owner(statement, table_of(UserProfile)) is is_owned


def test_a_user_owns_their_own_row() -> None:
    assert is_by_owner(select(User).where(User.id == OWNER), table_of(User))
    assert not is_by_owner(select(User).where(User.id == ROW), table_of(User))


def table_of(model: type[Base]) -> Table:
    assert isinstance(model.__table__, Table)
    return model.__table__
