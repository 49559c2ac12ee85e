"""Ways to break a module that open some of its nine boxes."""

from tests.cli.faults import (
    ALL,
    FIRST_REVISION,
    PROFILES,
    USERS,
    Fault,
    appended,
    both,
    deleted,
    replaced,
    with_revision,
    without_revisions,
)

_MAIN = "backend/main.py"
_SCOPE = "backend/models/__init__.py"
_MODELS = "backend/user_profiles/models.py"
_SCHEMAS = "backend/user_profiles/schemas.py"
_ROUTES = "backend/user_profiles/routes.py"
_TESTS = "tests/unit/user_profiles/test_routes.py"
_PAGE = "docs/tables/user_profiles.md"

BOX_FAULTS = [
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
        both(
            replaced(_SCOPE, "from backend.user_profiles.models import UserProfile\n", ""),
            replaced(_SCOPE, '"UserProfile", ', ""),
        ),
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
            _MODELS, "    timezone: Mapped", "    motto: Mapped[str | None]\n    timezone: Mapped"
        ),
        "pending: column motto: VARCHAR NULL in the model, missing in the migrations",
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
        "run: alembic upgrade head",
        {"applied": ALL},
    ),
    Fault(
        "a deleted schema",
        replaced(_SCHEMAS, "class UserProfileRead(", "class Renamed("),
        "backend.user_profiles.routes cannot be imported: backend/user_profiles/routes.py:",
        {"routes": PROFILES, "mounted": ALL},
    ),
    Fault(
        "a response schema of no kind",
        both(
            replaced(
                _SCHEMAS, "class UserProfileRead(VersionedRead)", "class UserProfileRead(BaseModel)"
            ),
            replaced(_SCHEMAS, "import MISSING, ", "import MISSING, BaseModel, "),
        ),
        "backend/user_profiles/schemas.py has no ResponseSchema",
        {"schemas": PROFILES},
    ),
    Fault(
        "null for a column that is NOT NULL",
        replaced(_SCHEMAS, 'timezone: Timezone = "UTC"', 'timezone: Timezone | None = "UTC"'),
        "UserProfileCreate.timezone takes null, the column is NOT NULL",
        {"schemas": PROFILES},
    ),
    Fault(
        "an answer that cannot be null for a column that can",
        replaced(_SCHEMAS, "    avatar_url: str | None\n", "    avatar_url: str\n"),
        "UserProfileRead.avatar_url refuses null, the column may be NULL",
        {"schemas": PROFILES},
    ),
    Fault(
        "an optional field for a column without default",
        replaced(
            "backend/users/schemas.py", "    email: Email\n", '    email: Email = "a@b.example"\n'
        ),
        "UserCreate.email may be left out",
        {"schemas": USERS},
    ),
    Fault(
        "a field that is longer than its column",
        replaced(
            _SCHEMAS, "Field(min_length=1, max_length=80)", "Field(min_length=1, max_length=90)"
        ),
        "UserProfileCreate.display_name takes 81 characters, the column holds 80",
        {"schemas": PROFILES},
    ),
    Fault(
        "an error in the routes",
        replaced(_ROUTES, "router = Router(", "router = Rooter("),
        "NameError: name 'Rooter' is not defined",
        {"routes": PROFILES, "mounted": ALL},
    ),
    Fault(
        "a plain router",
        both(
            replaced(
                _ROUTES, "from fastapi import Response", "from fastapi import APIRouter, Response"
            ),
            replaced(_ROUTES, "router = Router(", "router = APIRouter("),
        ),
        "backend/user_profiles/routes.py has no router of backend.core.routing.Router",
        {"routes": PROFILES, "mounted": PROFILES},
        ("routers",),
    ),
    Fault(
        "a handler that runs a statement",
        replaced(
            _ROUTES,
            "    return services.get(db, user.id)",
            "    return db.get_one(UserProfile, user.id)",
        ),
        "read_profile calls no service",
        {"routes": PROFILES},
    ),
    Fault(
        "a router that is not mounted",
        replaced(_MAIN, '    app.include_router(user_profiles.router, prefix="/users")\n', ""),
        "POST /profile is not served",
        {"mounted": PROFILES},
    ),
    Fault(
        "a route behind another one",
        replaced(
            _ROUTES,
            '@router.get("/profile"',
            '@router.get("/{name}", status_code=204)\n'
            "def by_name(name: str, db: DbSession) -> None:\n"
            '    """Read one."""\n    services.get(db, UUID(name))\n\n\n@router.get("/profile"',
        ),
        "GET /profile) is answered by /users/{name} (by_name), which is mounted before it",
        {"mounted": ("user_profiles", "users")},
    ),
    Fault(
        "deleted tests",
        deleted(_TESTS),
        "tests/unit/user_profiles/test_routes.py does not exist",
        {"tests": PROFILES},
    ),
    Fault(
        "a test without an assertion",
        appended(
            _TESTS,
            '\n\ndef test_nothing(alice: Client) -> None:\n    alice.get("/users/profile")\n',
        ),
        "test_nothing asserts nothing",
        {"tests": PROFILES},
    ),
    Fault(
        "a test that asserts a constant",
        appended(_TESTS, "\n\ndef test_nothing() -> None:\n    assert True\n"),
        "test_nothing asserts nothing",
        {"tests": PROFILES},
    ),
    Fault(
        "a deleted page",
        deleted(_PAGE),
        "docs/tables/user_profiles.md does not exist",
        {"documented": PROFILES},
    ),
    Fault(
        "a column that is not documented",
        replaced(_PAGE, "| `display_name` |", "| |"),
        "docs/tables/user_profiles.md does not mention display_name",
        {"documented": PROFILES},
    ),
    Fault(
        "no decisions",
        replaced(_PAGE, "## Decisions", "## Remarks"),
        "has no section 'Decisions'",
        {"documented": PROFILES},
    ),
    Fault(
        "an empty section",
        lambda project: project.cut(_PAGE, "## Optional future fields\n", "TODO\n"),
        "the section 'Optional future fields' is empty",
        {"documented": PROFILES},
    ),
    Fault(
        "a folder that is no module",
        lambda project: project.write("backend/ghosts/services.py", '"""Nothing."""\n'),
        "backend/ghosts/models.py does not exist",
        {
            "model": ("ghosts",),
            "metadata": ("ghosts",),
            "migration": ("ghosts",),
            "applied": ("ghosts",),
            "schemas": ("ghosts",),
            "routes": ("ghosts",),
            "mounted": ("ghosts",),
            "tests": ("ghosts",),
            "documented": ("ghosts",),
        },
    ),
]
