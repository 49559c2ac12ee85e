"""Ways to break the routes of a module that was generated."""

from tests.cli.faults import Change, Fault, appended, both, replaced
from tests.cli.generated_data_faults import WATCHLISTS

_SERVICES = "backend/watchlists/services.py"
_ROUTES = "backend/watchlists/routes.py"
_MAIN = "backend/main.py"
_ROUTER = "router = Router("


def _with_handler(decorator: str, signature: str, body: str, *imports: str) -> list[Change]:
    """Changes that give the module one more route, which calls a service of its own."""
    handler = f'\n\n{decorator}\n{signature}\n    """Answer."""\n    {body}\n'
    return [
        appended(_ROUTES, handler),
        replaced(
            _ROUTES,
            "from backend.watchlists import services\n",
            "".join(imports) + "from backend.watchlists import services\n",
        ),
        appended(_SERVICES, '\n\ndef count() -> int:\n    """How many."""\n    return 1\n'),
    ]


ROUTE_FAULTS = [
    Fault(
        "a route that is not mounted",
        replaced(_MAIN, '    Module("backend.watchlists", prefix="/watchlists"),\n', ""),
        "backend/main.py does not name backend.watchlists",
        {"mounted": WATCHLISTS},
    ),
    Fault(
        "a path that does not say of what its id is",
        replaced(_ROUTES, '"DELETE",\n    "/{watchlist_id:uuid}"', '"DELETE",\n    "/{id:uuid}"'),
        "/{id:uuid} has the parameter id, which does not say of what",
        {"documented": WATCHLISTS},
        ("paths",),
        line="router.declare(",
    ),
    Fault(
        "a path that takes anything",
        both(
            *_with_handler(
                '@router.get("/{name}")',
                "def named(name: str) -> Watch:",
                "return Watch(count=services.count())",
                "from backend.core.schemas import ResponseSchema\n",
            ),
            replaced(
                _ROUTES,
                _ROUTER,
                'class Watch(ResponseSchema):\n    """One."""\n\n    count: int\n\n\n' + _ROUTER,
            ),
        ),
        "/{name} takes anything for name",
        {"documented": WATCHLISTS},
        ("paths",),
        line="def named",
    ),
    Fault(
        "a list without pages",
        both(
            *_with_handler(
                '@router.get("/all")', "def all_of() -> list[int]:", "return [services.count()]"
            )
        ),
        "all_of answers all rows there are, in one body",
        {"documented": WATCHLISTS},
        ("answers",),
        line="def all_of",
    ),
    Fault(
        "a list by the number of a page",
        both(
            *_with_handler(
                '@router.get("/page", status_code=204)',
                "def paged(offset: int) -> None:",
                "services.count()",
            )
        ),
        "paged takes offset",
        {"documented": WATCHLISTS},
        ("paging",),
        line="def paged",
    ),
    Fault(
        "a user from the query",
        both(
            *_with_handler(
                '@router.get("/count", status_code=204)',
                "def counted(user_id: str) -> None:",
                "services.count()",
            )
        ),
        "counted takes user_id from its query",
        {"documented": WATCHLISTS},
        ("callers",),
        line="def counted",
    ),
    Fault(
        "a deletion that answers 200",
        both(*_with_handler('@router.delete("/all")', "def clear() -> None:", "services.count()")),
        "clear deletes, and answers 200",
        {"documented": WATCHLISTS},
        ("answers",),
        line="def clear",
    ),
    Fault(
        "an answer that nobody described",
        both(
            *_with_handler(
                '@router.get("/count", response_model=None)',
                "def counted() -> int:",
                "return services.count()",
            )
        ),
        "counted answers 200 and does not say with what",
        {"documented": WATCHLISTS},
        ("answers",),
        line="def counted",
    ),
    Fault(
        "a route that answers before it asks for the token",
        both(
            *_with_handler(
                '@router.get("/count", status_code=204, dependencies=[Depends(looked)])',
                "def counted(user: CurrentUser) -> None:",
                "services.count()",
                "from fastapi import Depends\n",
                "from backend.core.errors import NotFound\n",
                "from backend.user_sessions.dependencies import CurrentUser\n",
            ),
            replaced(
                _ROUTES,
                _ROUTER,
                'def looked() -> None:\n    """Look."""\n    raise NotFound("No.")\n\n\n' + _ROUTER,
            ),
        ),
        "answers 404 without a token, not 401",
        {"mounted": WATCHLISTS, "documented": WATCHLISTS},
        line="def counted",
    ),
]
