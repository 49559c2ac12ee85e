"""Ways to break queries, services, tests and page of a module that was generated."""

from tests.cli.faults import Fault, appended, both, deleted, replaced
from tests.cli.generated_data_faults import WATCHLISTS

_QUERIES = "backend/watchlists/queries.py"
_SERVICES = "backend/watchlists/services.py"
_ROUTES = "backend/watchlists/routes.py"
_TESTS = "tests/unit/watchlists/test_routes.py"
_PAGE = "docs/tables/watchlists.md"
_SESSION = "from sqlalchemy.orm import Session\n"


CODE_FAULTS = [
    Fault(
        "a statement without its owner",
        replaced(_QUERIES, "Watchlist.user_id == OWNER", "Watchlist.id != OWNER"),
        "ALL asks for rows of any owner",
        {},
        ("owners",),
        line="ALL = select(",
    ),
    Fault(
        "one operation without its owner",
        both(
            replaced(_SERVICES, "Remove(queries.ONE", "Remove(queries.ANY"),
            appended(_QUERIES, "ANY = select(Watchlist).where(Watchlist.id == ROW)\n"),
        ),
        "remove asks for rows of any owner",
        {},
        ("owners",),
        line="remove = Remove(",
    ),
    Fault(
        "one query of a function without its owner",
        both(
            appended(
                _QUERIES,
                '\n\ndef many(db: Session, owner_id: UUID) -> int:\n    """How many."""\n'
                "    own = db.scalar(select(func.count()).where(Watchlist.user_id == owner_id))\n"
                "    all_of = db.scalar(select(func.count()).select_from(Watchlist))\n"
                "    return own + all_of\n",
            ),
            replaced(
                _QUERIES,
                "from sqlalchemy import select\n",
                "from uuid import UUID\n\nfrom sqlalchemy import func, select\n" + _SESSION,
            ),
        ),
        "many asks for rows of any owner",
        {},
        ("owners",),
        line="all_of = ",
    ),
    Fault(
        "a commit in a service",
        both(
            appended(
                _SERVICES, '\n\ndef end(db: Session) -> None:\n    """End."""\n    db.commit()\n'
            ),
            replaced(_SERVICES, "from backend.core.op", _SESSION + "from backend.core.op"),
        ),
        ".commit",
        {},
        ("commits", "statements"),
        line="    db.commit()",
    ),
    Fault(
        "a statement in a service",
        both(
            appended(
                _SERVICES,
                '\n\ndef newest(db: Session, owner_id: UUID) -> Watchlist | None:\n    """One."""\n'
                "    return db.scalar(select(Watchlist).where(Watchlist.user_id == owner_id))\n",
            ),
            replaced(
                _SERVICES,
                "from backend.core.op",
                "from uuid import UUID\n\nfrom sqlalchemy import select\n"
                + _SESSION
                + "from backend.core.op",
            ),
        ),
        "sends a statement itself: db.scalar(…)",
        {},
        ("statements",),
        line="    return db.scalar(",
    ),
    Fault(
        "a service that is async",
        appended(_SERVICES, '\n\nasync def later() -> None:\n    """Wait."""\n'),
        "later is async",
        {},
        ("plain_functions",),
        line="async def later",
    ),
    Fault(
        "a service that speaks HTTP",
        replaced(
            _SERVICES,
            "from backend.core.op",
            "from fastapi import HTTPException\nfrom backend.core.op",
        ),
        "imports fastapi.HTTPException: services.py does not speak HTTP",
        {},
        ("layers",),
        line="from fastapi import HTTPException",
    ),
    Fault(
        "routes that use queries",
        replaced(_ROUTES, "import services\n", "import queries, services\n"),
        "imports backend.watchlists.queries, which routes.py does not use",
        {},
        ("layers",),
        line="import queries",
    ),
    Fault(
        "models that use their services",
        replaced(
            "backend/folders/models.py",
            "from sqlalchemy import",
            "from backend.watchlists import services as _  # noqa: F401\nfrom sqlalchemy import",
        ),
        "imports backend.watchlists.services, which models.py does not use",
        {},
        ("layers",),
        line="from backend.watchlists",
    ),
    Fault(
        "a statement with an offset",
        appended(_QUERIES, "SECOND = ALL.offset(50)\n"),
        "counts rows that it does not read",
        {},
        ("paging",),
        line="SECOND = ",
    ),
    Fault(
        "a test without an assertion",
        appended(
            _TESTS, '\n\ndef test_nothing(alice: Client) -> None:\n    alice.get("/watchlists")\n'
        ),
        "test_nothing asserts nothing",
        {"tests": WATCHLISTS},
        line="def test_nothing",
    ),
    Fault(
        "a test whose assertion is never reached",
        appended(
            _TESTS,
            "\n\ndef test_nothing(alice: Client) -> None:\n    return\n"
            '    assert alice.get("/watchlists").status_code == 200\n',
        ),
        "test_nothing asserts nothing",
        {"tests": WATCHLISTS},
        line="def test_nothing",
    ),
    Fault(
        "a test whose assertion always holds",
        appended(
            _TESTS,
            "\n\ndef test_nothing(alice: Client) -> None:\n"
            '    assert (alice.get("/watchlists").status_code == 200, "listed")\n',
        ),
        "test_nothing asserts nothing",
        {"tests": WATCHLISTS},
        line="def test_nothing",
    ),
    Fault(
        "tests that are all skipped",
        appended(_TESTS, "\n\nimport pytest\n\npytestmark = pytest.mark.skip(reason='later')\n"),
        "has no test that runs",
        {"tests": WATCHLISTS},
    ),
    Fault(
        "deleted tests",
        deleted(_TESTS),
        "tests/unit/watchlists/test_routes.py does not exist",
        {"tests": WATCHLISTS},
    ),
    Fault(
        "tests of one user",
        lambda project: project.substitute(_TESTS, ", bob: Client", ", bob: object"),
        "tests/unit/watchlists/test_routes.py never asks as a second user",
        {"tests": WATCHLISTS},
    ),
    Fault(
        "a method that no test sends",
        lambda project: project.substitute(_TESTS, ".delete(", ".erase("),
        "tests/unit/watchlists/test_routes.py never sends DELETE",
        {"tests": WATCHLISTS},
    ),
    Fault(
        "a page of a column that is gone",
        replaced(_PAGE, "| `name` |", "| `title` | str:80 | no | | |\n| `name` |"),
        "names the column title, which the model does not have",
        {"documented": WATCHLISTS},
        line="`title`",
    ),
    Fault(
        "a page of an endpoint that is gone",
        replaced(
            _PAGE, "| `POST /watchlists` |", "| `PUT /watchlists` | 200 |\n| `POST /watchlists` |"
        ),
        "names PUT /watchlists, which the application does not serve",
        {"documented": WATCHLISTS},
        line="`PUT /watchlists`",
    ),
    Fault(
        "a page that is out of date",
        replaced(_PAGE, "1 to 80 characters", "1 to 70 characters"),
        "the generated part is not what the table is now",
        {"documented": WATCHLISTS},
        line="generated: begin",
    ),
    Fault(
        "a page without an endpoint",
        lambda project: project.substitute(_PAGE, "`DELETE /watchlists/", "`ERASE /watchlists/"),
        "docs/tables/watchlists.md does not mention DELETE /watchlists/{watchlist_id}",
        {"documented": WATCHLISTS},
    ),
    Fault(
        "no reason for the table",
        replaced(_PAGE, "What a trader looks at.", "TODO"),
        "the section 'Decisions' is empty",
        {"documented": WATCHLISTS},
        line="## Decisions",
    ),
]
