"""Ways to break what a module has in its files: schemas, routes, tests, page."""

from tests.cli.faults import (
    ALL,
    PROFILES,
    SESSIONS,
    USERS,
    Fault,
    appended,
    both,
    deleted,
    replaced,
)
from tests.cli.project_copy import ProjectCopy

_MAIN = "backend/main.py"
_SCHEMAS = "backend/user_profiles/schemas.py"
_QUERIES = "backend/user_profiles/queries.py"
_SERVICES = "backend/user_profiles/services.py"
_ROUTES = "backend/user_profiles/routes.py"
_HANDLERS = "backend/user_sessions/routes.py"
_TESTS = "tests/unit/user_profiles/test_routes.py"
_GET = "from backend.core.operations import Get\n"
_PAGE = "docs/tables/user_profiles.md"


def _skipped_test(project: ProjectCopy) -> None:
    text = "import pytest\n\n\n@pytest.mark.skip\ndef test_later() -> None:\n    assert 1 == 2\n"
    project.write(_TESTS, text)


BOX_FAULTS = [
    Fault(
        "a deleted schema",
        replaced(_SCHEMAS, "class UserProfileRead(", "class Renamed("),
        "backend.user_profiles.routes cannot be imported: backend/user_profiles/services.py:",
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
        replaced(
            _SCHEMAS, 'timezone: TimezoneName = "UTC"', 'timezone: TimezoneName | None = "UTC"'
        ),
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
            "backend/users/schemas.py",
            "    email: EmailAddress\n",
            '    email: EmailAddress = "a@b.example"\n',
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
                _HANDLERS, "from fastapi import Response", "from fastapi import APIRouter, Response"
            ),
            replaced(_HANDLERS, "router = Router(", "router = APIRouter("),
        ),
        "backend/user_sessions/routes.py has no router of backend.core.routing.Router",
        {"routes": SESSIONS, "mounted": SESSIONS},
        ("routers",),
    ),
    Fault(
        "a handler that runs a statement",
        replaced(
            _HANDLERS, "    services.end(db, user.id, user.session_id)", "    db.delete(user)"
        ),
        "log_out calls no service",
        {"routes": SESSIONS},
        ("statements",),
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
        ": backend.ghosts.routes cannot be imported: ModuleNotFoundError: ",
        {"mounted": ALL},
    ),
    Fault(
        "a route behind another one",
        replaced(
            _ROUTES,
            'router.declare(\n    "GET",',
            '@router.get("/{name}", status_code=204)\n'
            'async def by_name(name: str) -> None:\n    """Read one."""\n'
            '    services.get(name)\n\n\nrouter.declare(\n    "GET",',
        ),
        "GET /profile) is answered by /users/{name} (by_name), which is mounted before it",
        {"mounted": ("user_profiles", "users"), "documented": PROFILES},
        ("paths",),
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
        "tests that never run",
        both(deleted(_TESTS), _skipped_test),
        "tests/unit/user_profiles/test_routes.py has no test that runs",
        {"tests": PROFILES},
    ),
    Fault(
        "an operation that is served nowhere",
        appended(_SERVICES, "forget = Remove(queries.ONE, MISSING)\n"),
        "forget is served nowhere",
        {"routes": PROFILES},
    ),
    Fault(
        "an operation that only the routes have",
        both(
            replaced(_ROUTES, "import problems\n", "import problems\n" + _GET),
            replaced(_ROUTES, "    services.get,\n", "    Get(services.get.one, *_REST),\n"),
            replaced(
                _ROUTES, "router = ", "_REST = (services.get.read, services.MISSING)\nrouter = "
            ),
        ),
        "read_profile serves an operation that no services.py has",
        {"routes": PROFILES},
    ),
    Fault(
        "a path with an id that the statement does not use",
        replaced(
            _ROUTES,
            '    "/profile",\n    services.remove',
            '    "/profile/{profile_id:uuid}",\n    services.remove',
        ),
        "remove_profile takes an id in its path, and its statement chooses no row by it",
        {"routes": PROFILES, "documented": PROFILES},
    ),
    Fault(
        "a statement that wants an id of a path without one",
        both(
            replaced(_QUERIES, "import OWNER", "import OWNER, ROW"),
            replaced(_QUERIES, "== OWNER)", "== OWNER, UserProfile.id == ROW)"),
        ),
        "change_profile chooses a row by its id, and its path has none",
        {"routes": PROFILES},
    ),
    Fault(
        "a field of a declared body that is no column",
        replaced(
            _SCHEMAS,
            "    display_name: DisplayName | MISSING | None = MISSING\n",
            "    display_name: DisplayName | MISSING | None = MISSING\n"
            "    nickname: DisplayName | MISSING = MISSING\n",
        ),
        "UserProfileChange.nickname is no column of UserProfile",
        {"schemas": PROFILES, "mounted": PROFILES},
    ),
    Fault(
        "a declared body that gives the row to another user",
        replaced(
            _SCHEMAS,
            '    timezone: TimezoneName = "UTC"\n',
            '    timezone: TimezoneName = "UTC"\n    user_id: UUID\n',
        ),
        "UserProfileCreate.user_id is not for a client to set",
        {"routes": PROFILES, "mounted": ALL},
    ),
    Fault(
        "a declared answer that the model does not have",
        replaced(
            _SCHEMAS, "    avatar_url: str | None\n", "    avatar_url: str | None\n    age: int\n"
        ),
        "UserProfileRead.age is nothing that UserProfile has",
        {"schemas": PROFILES},
    ),
]
