"""Ways to break what a module has in its files: schemas, routes, tests, page."""

from tests.cli.faults import ALL, PROFILES, USERS, Fault, appended, both, deleted, replaced
from tests.cli.project_copy import ProjectCopy

_MAIN = "backend/main.py"
_SCHEMAS = "backend/user_profiles/schemas.py"
_ROUTES = "backend/user_profiles/routes.py"
_TESTS = "tests/unit/user_profiles/test_routes.py"
_PAGE = "docs/tables/user_profiles.md"


def _skipped_test(project: ProjectCopy) -> None:
    text = "import pytest\n\n\n@pytest.mark.skip\ndef test_later() -> None:\n    assert 1 == 2\n"
    project.write(_TESTS, text)


BOX_FAULTS = [
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
        replaced(_SCHEMAS, "min_length=1, max_length=80)", "min_length=1, max_length=90)"),
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
        replaced(_MAIN, '    Module("backend.user_profiles", prefix="/users"),\n', ""),
        "backend/main.py does not name backend.user_profiles, so none of its routes is served",
        {"mounted": PROFILES},
    ),
    Fault(
        "a module that does not exist",
        replaced(_MAIN, "MODULES = (\n", 'MODULES = (\n    Module("backend.ghosts", "/ghosts"),\n'),
        "backend/main.py:24: backend.ghosts.routes cannot be imported: ModuleNotFoundError: ",
        {"mounted": ALL},
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
    Fault(
        "a router without routes",
        appended(_ROUTES, '\n\nrouter = Router(tags=["user_profiles"])\n'),
        "the router of backend/user_profiles/routes.py has no route",
        {"routes": PROFILES, "mounted": PROFILES},
    ),
    Fault(
        "a handler that uses the session beside a service",
        replaced(
            _ROUTES,
            "    return services.get(db, user.id)",
            "    db.expire_all()\n    return services.get(db, user.id)",
        ),
        "read_profile uses the session itself",
        {"routes": PROFILES},
    ),
    Fault(
        "tests that never run",
        both(deleted(_TESTS), _skipped_test),
        "tests/unit/user_profiles/test_routes.py has no test that runs",
        {"tests": PROFILES},
    ),
]
