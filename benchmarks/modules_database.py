"""Makes the database for `modules_probe.py`: the tables of some modules, and a user with rows.

Run by `benchmarks/modules.py` in the directory whose application is measured, in a process of
its own, since it imports what the application is not to have imported. Prints a token.
"""

import sys
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path.cwd()))

ROWS = 3


def main() -> None:
    """Make the tables, log a user in, give them rows."""
    url, *tables = sys.argv[1:]

    from sqlalchemy import insert  # noqa: PLC0415 - as below

    from backend.core.engine import make_engine  # noqa: PLC0415 - the directory's own
    from backend.core.models import Base  # noqa: PLC0415 - as above
    from benchmarks.dataset import Dataset, session_row, user_row  # noqa: PLC0415 - as above

    for table in ("users", "user_sessions", *tables):
        import_module(f"backend.{table}.models")
    owner = Dataset(users=1).owners[0]
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(Base.metadata.tables["users"]), [user_row(owner)])
        connection.execute(insert(Base.metadata.tables["user_sessions"]), [session_row(owner)])
        for table in tables:
            rows = [_row(owner.id, number) for number in range(ROWS)]
            connection.execute(insert(Base.metadata.tables[table]), rows)
    engine.dispose()
    sys.stdout.write(owner.token)


def _row(owner_id: UUID, number: int) -> dict[str, Any]:
    """A row of a table with the fields of `benchmarks.modules`."""
    now = datetime.now(UTC)
    return {
        "user_id": owner_id,
        "id": UUID(int=number, version=4),
        "symbol": "AAPL",
        "side": "buy",
        "quantity": Decimal("1.5"),
        "executed_at": now,
        "external_ref": f"row-{number}",
        "created_at": now,
        "updated_at": now,
        "version": 1,
    }


if __name__ == "__main__":
    main()
