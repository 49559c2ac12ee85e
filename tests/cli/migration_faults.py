"""Ways to break what a module has in the database: metadata, migrations, what is applied."""

from tests.cli.faults import (
    ALL,
    FIRST_REVISION,
    PROFILES,
    Fault,
    appended,
    both,
    replaced,
    with_revision,
    without_revisions,
)

_SCOPE = "backend/models/__init__.py"
_MODELS = "backend/user_profiles/models.py"


MIGRATION_FAULTS = [
    Fault(
        "a model file that cannot be parsed",
        appended(_MODELS, "class Half(\n"),
        "SyntaxError: '(' was never closed",
        {
            "model": PROFILES,
            "metadata": ALL,
            "migration": ALL,
            "schemas": PROFILES,
            "routes": PROFILES,
            "mounted": ALL,
            "documented": PROFILES,
        },
    ),
    Fault(
        "a model that is not imported",
        replaced(_SCOPE, "from backend.user_profiles.models import UserProfile\n", ""),
        "add to it: from backend.user_profiles.models import UserProfile",
        {"metadata": PROFILES},
    ),
    Fault(
        "a deleted migration",
        without_revisions,
        "no revision makes the table user_profiles",
        {"migration": ALL, "applied": ALL},
        ("other_tables",),
    ),
    Fault(
        "a migration whose parent is gone",
        replaced(
            FIRST_REVISION,
            "down_revision: str | tuple[str, ...] | None = None",
            'down_revision = "gone"',
        ),
        "the revisions do not form a history",
        {"migration": ALL, "applied": ALL},
    ),
    Fault(
        "a migration that fails",
        replaced(
            FIRST_REVISION,
            "def upgrade() -> None:\n",
            "def upgrade() -> None:\n    op.execute('NO SQL')\n",
        ),
        "the revisions cannot be applied to an empty database",
        {"migration": ALL, "applied": ALL},
    ),
    Fault(
        "a migration that was edited after it was applied",
        replaced(
            FIRST_REVISION,
            'sa.Column("display_name", sa.String(length=80)',
            'sa.Column("display_name", sa.String(length=60)',
        ),
        "column display_name: VARCHAR(80) NULL in the model, VARCHAR(60) NULL in the migrations",
        {"migration": PROFILES, "applied": PROFILES},
    ),
    Fault(
        "a column without a migration",
        replaced(
            _MODELS, "    timezone: Mapped", "    motto: Mapped[int | None]\n    timezone: Mapped"
        ),
        "pending: column motto: INTEGER NULL in the model, missing in the migrations",
        {"migration": PROFILES, "documented": PROFILES},
    ),
    Fault(
        "an index without a migration",
        replaced(_MODELS, "func.lower(UserProfile.username)", "func.upper(UserProfile.username)"),
        "pending: index uq_user_profiles_username",
        {"migration": PROFILES},
    ),
    Fault(
        "two heads",
        with_revision("second", after_head=False),
        "there are 2 heads",
        {"migration": ALL, "applied": ALL},
    ),
    Fault(
        "a database behind head",
        with_revision("later", after_head=True),
        "run: alembic upgrade heads",
        {"applied": ALL},
    ),
    Fault(
        "a default of the database without a migration",
        replaced(_MODELS, 'default="UTC"', 'default="UTC", server_default="UTC"'),
        "column timezone: VARCHAR(64) NOT NULL DEFAULT 'UTC' in the model",
        {"migration": PROFILES},
    ),
    Fault(
        "another action of a foreign key without a migration",
        replaced(_MODELS, 'ondelete="CASCADE"', 'ondelete="RESTRICT"'),
        "FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE RESTRICT in the model",
        {"migration": PROFILES},
    ),
    Fault(
        "a unique constraint that is only in the migrations",
        replaced(_MODELS, ", unique=True)\n    username", ")\n    username"),
        "unique constraint uq_user_profiles_user_id: UNIQUE (user_id) in the migrations, missing",
        {"migration": PROFILES},
        ("owned_keys", "indexed_keys"),
    ),
    Fault(
        "a model of another table",
        replaced(_MODELS, '__tablename__ = "user_profiles"', '__tablename__ = "profiles"'),
        "backend/user_profiles/models.py maps no class to the table user_profiles",
        {
            "model": PROFILES,
            "metadata": PROFILES,
            "migration": PROFILES,
            "schemas": PROFILES,
            "documented": PROFILES,
        },
        ("tables", "other_tables"),
    ),
    Fault(
        "a scope with a metadata of its own",
        both(
            replaced(_SCOPE, "metadata = Base.metadata", "metadata = MetaData()"),
            replaced(
                _SCOPE, "from backend.core.models import Base", "from sqlalchemy import MetaData"
            ),
        ),
        "the metadata of backend/models/__init__.py does not have the table user_profiles",
        {"metadata": ALL},
    ),
]
