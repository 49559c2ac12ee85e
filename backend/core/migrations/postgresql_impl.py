"""What Alembic does on PostgreSQL, in place of what its own implementation does there."""

from typing import Any

from alembic.ddl.postgresql import PostgresqlImpl
from sqlalchemy.sql.elements import ClauseElement


class SafePostgresqlImpl(PostgresqlImpl):
    """PostgreSQL with expressions written in a revision as they are."""

    __dialect__ = "postgresql"

    def render_ddl_sql_expr(
        self,
        expr: ClauseElement,
        is_server_default: bool = False,
        is_index: bool = False,
        **kw: Any,
    ) -> str:
        """Write an expression, with each % once.

        The compiler doubles it for the driver. A revision's text is compiled again when it runs,
        so CHECK (a % 2 = 1) would reach the database as a %% 2 = 1.
        """
        written = super().render_ddl_sql_expr(expr, is_server_default, is_index, **kw)
        return written.replace("%%", "%")
