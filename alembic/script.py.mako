<%
    import textwrap

    text = message.strip().rstrip(".").replace(chr(92), "/").replace(chr(34), chr(39))
    title = textwrap.fill(text[:1].upper() + text[1:], 96)
    used = (upgrades or "") + (downgrades or "")
%>"""${title}.

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}

Rules:
- Read every line: a rename is written as drop and add, which loses the data.
- A new column is nullable or has a server_default: the rows that are there need a value.
- Import nothing of the application: this file must mean the same when the code has changed.
- Once released, never edit or delete it: write the next one.
- `downgrade` undoes `upgrade` exactly, or raises and says why it cannot.
- Change the schema in one revision and the data in another; large tables in batches.
- On PostgreSQL, CREATE INDEX CONCURRENTLY is alone in its revision, in an autocommit_block().
- Drop a column or table only in a release after the last one whose code uses it.
- Change a table inside batch_alter_table(), so that SQLite rebuilds it at most once.
- On SQLite no foreign key acts while a revision runs: delete referring rows before their parent.
"""

from alembic import op
% if not used or "sa." in used:
import sqlalchemy as sa
% endif
${imports if imports else ""}

revision: str = ${repr(up_revision)}
down_revision: str | tuple[str, ...] | None = ${repr(down_revision)}
branch_labels: str | tuple[str, ...] | None = ${repr(branch_labels)}
depends_on: str | tuple[str, ...] | None = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
