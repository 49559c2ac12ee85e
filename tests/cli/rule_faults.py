"""Ways to break a house rule and nothing else."""

from tests.cli.faults import PROFILES, USERS, Fault, appended, both, replaced

_MODELS = "backend/user_profiles/models.py"
_SERVICES = "backend/user_profiles/services.py"
_STATEMENTS = "backend/user_profiles/queries.py"
_HANDLERS = "backend/user_sessions/routes.py"
_QUERIES = "backend/user_sessions/queries.py"

RULE_FAULTS = [
    Fault(
        "a column of the core without a migration",
        replaced(
            "backend/core/idempotency.py",
            "    body: Mapped[bytes | None] =",
            "    note: Mapped[str | None]\n    body: Mapped[bytes | None] =",
        ),
        "pending for idempotency_keys: column note",
        {},
        ("other_tables",),
    ),
    Fault(
        "a table in another module",
        appended(
            _MODELS,
            '\n\nclass Ghost(Record, Base):\n    """One."""\n\n    __tablename__ = "ghosts"\n',
        ),
        "Ghost is mapped to the table ghosts",
        {},
        ("tables", "other_tables"),
    ),
    Fault(
        "a commit in a service",
        appended(_SERVICES, "\n\ndef end(db: object) -> None:\n    db.commit()\n"),
        " .commit",
        {},
        ("commits",),
    ),
    Fault(
        "a handler that uses the session beside a service",
        replaced(
            _HANDLERS,
            "    services.end(db, user.id, user.session_id)",
            "    db.expire_all()\n    services.end(db, user.id, user.session_id)",
        ),
        "sends a statement itself: db.expire_all(…)",
        {},
        ("statements",),
    ),
    Fault(
        "queries of another module",
        replaced(
            _SERVICES,
            "from backend.user_profiles import queries\n",
            "from backend.user_profiles import queries\n"
            "from backend.users.queries import one_by_email\n",
        ),
        "imports backend.users.queries",
        {},
        ("borders",),
    ),
    Fault(
        "a foreign key to another module's class",
        both(
            replaced(
                _MODELS,
                "from backend.core.models",
                "from backend.users.models import User\nfrom backend.core.models",
            ),
            replaced(_MODELS, 'ForeignKey("users.id"', "ForeignKey(User.id"),
        ),
        'write the target as a string: ForeignKey("table.column")',
        {},
        ("borders", "foreign_keys"),
    ),
    Fault(
        "a session by its own dependency",
        both(
            replaced(
                _HANDLERS,
                "from fastapi import Response",
                "from typing import Annotated\n\nfrom fastapi import Depends, Response",
            ),
            replaced(_HANDLERS, ", DbSession", ", DbSession, RequestSession, get_db"),
            replaced(
                _HANDLERS,
                "def log_out(db: DbSession,",
                "def log_out(db: Annotated[RequestSession, Depends(get_db)],",
            ),
        ),
        "annotate the parameter with backend.core.database.DbSession",
        {},
        ("sessions",),
    ),
    Fault(
        "a query without its owner",
        appended(
            _QUERIES,
            '\n\ndef count(db: Session) -> int:\n    """How many."""\n'
            "    return len(db.scalars(select(UserSession)).all())\n",
        ),
        "count asks for rows of any owner",
        {},
        ("owners",),
    ),
    Fault(
        "a query that does not use its owner",
        replaced(
            _QUERIES,
            "UserSession.user_id == owner_id, UserSession.expires_at < now",
            "UserSession.expires_at < now",
        ),
        "remove_expired asks for rows of any owner",
        {},
        ("owners",),
    ),
    Fault(
        "a statement without its owner",
        replaced(_STATEMENTS, "UserProfile.user_id == OWNER", 'UserProfile.username == "ann"'),
        "get asks for rows of any owner",
        {},
        ("owners",),
    ),
    Fault(
        "a statement in which its owner is one of two ways",
        replaced(
            _STATEMENTS,
            "UserProfile.user_id == OWNER",
            '(UserProfile.user_id == OWNER) | (UserProfile.timezone == "UTC")',
        ),
        "ONE asks for rows of any owner",
        {},
        ("owners",),
    ),
    Fault(
        "an operation with a statement of its own, without its owner",
        both(
            replaced(
                _SERVICES, "from backend.core", "from sqlalchemy import select\nfrom backend.core"
            ),
            replaced(_SERVICES, "Remove(queries.ONE,", "Remove(select(UserProfile),"),
        ),
        "backend/user_profiles/services.py:14 remove asks for rows of any owner",
        {},
        ("owners", "statements"),
    ),
    Fault(
        "a statement that nobody uses, without its owner",
        appended(_QUERIES, "\nNEWEST = select(UserSession)\n"),
        "NEWEST asks for rows of any owner",
        {},
        ("owners",),
    ),
    Fault(
        "an operation that adds rows of nobody",
        appended(
            "backend/users/services.py",
            "\nfrom backend.core.operations import Create\n"
            "create = Create(User, UserChange, UserRead)\n",
        ),
        "create adds rows of nobody: users has no column user_id",
        {"routes": USERS},
        ("owners",),
    ),
    Fault(
        "a column that is not annotated",
        replaced(_MODELS, "display_name: Mapped[str | None] = mapped", "display_name = mapped"),
        " display_name",
        {},
        ("mapped",),
    ),
    Fault(
        "a naive clock as a default",
        both(
            replaced(
                _MODELS,
                "from uuid import UUID",
                "from datetime import datetime\nfrom uuid import UUID",
            ),
            replaced(_MODELS, 'default="UTC"', "default=datetime.utcnow"),
        ),
        "datetime.utcnow is naive",
        {},
        ("instants",),
    ),
    Fault(
        "a column that keeps no zone",
        both(
            replaced(
                _MODELS,
                "    timezone: Mapped",
                "    seen_at: Mapped[datetime | None] = mapped_column(DateTime)\n"
                "    timezone: Mapped",
            ),
            replaced(
                _MODELS, "from uuid import", "from datetime import datetime\nfrom uuid import"
            ),
            replaced(_MODELS, "import ForeignKey,", "import DateTime, ForeignKey,"),
        ),
        "seen_at keeps no zone",
        {"migration": PROFILES, "documented": PROFILES},
        ("instants",),
    ),
]
