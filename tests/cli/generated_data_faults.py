"""Ways to break model and schemas of a module that `jedgebot table add` has made."""

from tests.cli.faults import Fault, appended, both, replaced

WATCHLISTS = ("watchlists",)
_MODELS = "backend/watchlists/models.py"
_SCHEMAS = "backend/watchlists/schemas.py"
_SERVICES = "backend/watchlists/services.py"
_REVISION = "alembic/versions/*_add_two_tables_*.py"
_SCOPE = "backend/models/__init__.py"

_IN_MODELS = [
    Fault(
        "null in the model only",
        replaced(_MODELS, "    name: Mapped[str] =", "    name: Mapped[str | None] ="),
        "WatchlistCreate.name refuses null, the column may be NULL",
        {"migration": WATCHLISTS, "documented": WATCHLISTS, "schemas": WATCHLISTS},
        line="class WatchlistCreate",
    ),
    Fault(
        "a word of an enum in the model only",
        replaced(_MODELS, 'Literal["buy", "sell"]', 'Literal["buy", "sell", "hold"]'),
        "hold",
        {"migration": WATCHLISTS, "documented": WATCHLISTS},
    ),
    Fault(
        "a default of the database in the model only",
        replaced(
            _MODELS,
            "    size: Mapped[int]\n",
            '    size: Mapped[int] = mapped_column(server_default="7")\n',
        ),
        "DEFAULT",
        {"migration": WATCHLISTS},
    ),
    Fault(
        "a unique constraint over all users",
        replaced(_MODELS, 'UniqueConstraint("user_id", "name")', 'UniqueConstraint("name")'),
        "what is unique in watchlists, (name), does not lead with user_id",
        {"migration": WATCHLISTS},
        ("owned_keys",),
        line="    name: Mapped",
    ),
    Fault(
        "a foreign key without its owner",
        both(
            replaced(_MODELS, '["user_id", "folder_id"]', '["folder_id"]'),
            replaced(_MODELS, '["folders.user_id", "folders.id"]', '["folders.id"]'),
        ),
        "(folder_id) refers to folders without its user_id",
        {"migration": WATCHLISTS, "documented": WATCHLISTS},
        ("owned_keys", "indexed_keys"),
        line="    folder_id: Mapped",
    ),
    Fault(
        "a foreign key without an index",
        replaced(_MODELS, '        Index(None, "user_id", "folder_id"),\n', ""),
        "nothing is indexed by (user_id, folder_id), which refers to folders.user_id",
        {"migration": WATCHLISTS},
        ("indexed_keys",),
        line="    folder_id: Mapped",
    ),
    Fault(
        "another primary key",
        replaced(
            _MODELS,
            "    size: Mapped[int]\n",
            "    size: Mapped[int] = mapped_column(primary_key=True)\n",
        ),
        "the primary key of watchlists is (user_id, id, size)",
        {"migration": WATCHLISTS},
        ("owned_keys",),
        line="class Watchlist(",
    ),
    Fault(
        "rows of users known by their id alone",
        both(
            replaced(
                _MODELS, "class Watchlist(OwnedRecord, Base)", "class Watchlist(Record, Base)"
            ),
            replaced(
                _MODELS,
                "    folder_id: Mapped",
                '    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))\n'
                "    folder_id: Mapped",
            ),
            replaced(_MODELS, "import Base, OwnedRecord", "import Base, Record"),
            replaced(_MODELS, "import Enum, ", "import Enum, ForeignKey, "),
        ),
        "the rows of watchlists belong to users, and its primary key is (id)",
        {"migration": WATCHLISTS},
        ("owned_keys",),
        line="    user_id: Mapped",
    ),
    Fault(
        "a text of any length",
        replaced(
            _MODELS, "    name: Mapped[str] = mapped_column(String(80))", "    name: Mapped[str]"
        ),
        "name is a String of any length",
        {"migration": WATCHLISTS},
        ("lengths",),
        line="    name: Mapped[str]",
    ),
    Fault(
        "a binary float",
        both(
            replaced(_MODELS, "mapped_column(ExactDecimal(20, 8))", "mapped_column(Float)"),
            replaced(_MODELS, "import Enum, ", "import Enum, Float, "),
        ),
        "threshold is Float()",
        {"migration": WATCHLISTS},
        ("exact_numbers",),
        line="    threshold: Mapped",
    ),
    Fault(
        "a number that SQLite keeps as a binary float",
        both(
            replaced(
                _MODELS, "mapped_column(ExactDecimal(20, 8))", "mapped_column(Numeric(20, 8))"
            ),
            replaced(_MODELS, "import Enum, ", "import Enum, Numeric, "),
        ),
        "threshold is Numeric(precision=20, scale=8)",
        {"migration": WATCHLISTS},
        ("exact_numbers",),
        line="    threshold: Mapped",
    ),
    Fault(
        "a model that Alembic does not know",
        replaced(_SCOPE, "from backend.watchlists.models import Watchlist\n", ""),
        "add to it: from backend.watchlists.models import Watchlist",
        {"metadata": WATCHLISTS},
    ),
    Fault(
        "model and migration changed after it was applied",
        both(
            replaced(
                _MODELS,
                "    name: Mapped[str] = mapped_column(String(80))",
                "    name: Mapped[str] = mapped_column(String(90))",
            ),
            replaced(
                _REVISION,
                '"watchlists",\n        sa.Column("user_id"',
                '"watchlists",\n        sa.Column("odd", sa.Integer()),\n'
                '        sa.Column("user_id"',
            ),
        ),
        "odd",
        {"migration": WATCHLISTS, "documented": WATCHLISTS, "applied": WATCHLISTS},
    ),
]

_IN_SCHEMAS = [
    Fault(
        "null in the schema only",
        replaced(_SCHEMAS, "    name: Name\n", "    name: Name | None\n"),
        "WatchlistCreate.name takes null, the column is NOT NULL",
        {"schemas": WATCHLISTS},
        line="class WatchlistCreate",
    ),
    Fault(
        "more digits than the column has",
        replaced(
            _SCHEMAS,
            "Threshold = Annotated[Decimal, Exact(20, 8)",
            "Threshold = Annotated[Decimal, Exact(22, 8)",
        ),
        "WatchlistCreate.threshold takes 13 digits before the point, 12 digits before the point",
        {"schemas": WATCHLISTS},
        line="class WatchlistCreate",
    ),
    Fault(
        "more places than the column has",
        replaced(
            _SCHEMAS,
            "Threshold = Annotated[Decimal, Exact(20, 8)",
            "Threshold = Annotated[Decimal, Exact(21, 9)",
        ),
        "WatchlistCreate.threshold takes 9 places, 8 after it",
        {"schemas": WATCHLISTS},
        line="class WatchlistCreate",
    ),
    Fault(
        "numbers out of range",
        replaced(_SCHEMAS, "    size: Int32\n", "    size: int\n"),
        "WatchlistCreate.size takes the number 2147483648",
        {"schemas": WATCHLISTS},
        line="class WatchlistCreate",
    ),
    Fault(
        "a time without a zone",
        both(
            replaced(
                _SCHEMAS,
                "    seen: Instant\n    note: Note | None = None\n",
                "    seen: datetime\n    note: Note | None = None\n",
            ),
            replaced(
                _SCHEMAS,
                "from decimal import",
                "from datetime import datetime\nfrom decimal import",
            ),
        ),
        "WatchlistCreate.seen takes a time without a zone",
        {"schemas": WATCHLISTS},
        line="class WatchlistCreate",
    ),
    Fault(
        "a text without a limit",
        replaced(_SCHEMAS, "Note = Annotated[str, Field(max_length=TEXT_MAX)]", "Note = str"),
        "WatchlistCreate.note takes 100001 characters, a text holds 100000",
        {"schemas": WATCHLISTS},
        line="class WatchlistCreate",
    ),
    Fault(
        "any word for an enum",
        replaced(
            _SCHEMAS,
            "    side: Side\n    seen: Instant\n    note: Note | None = None\n",
            "    side: Name\n    seen: Instant\n    note: Note | None = None\n",
        ),
        "WatchlistCreate.side takes any word, only buy, sell",
        {"schemas": WATCHLISTS},
        line="class WatchlistCreate",
    ),
    Fault(
        "an answer without a word of the enum",
        both(
            replaced(
                _SCHEMAS,
                "    side: Side\n    seen: Instant\n    note: str | None\n",
                '    side: Literal["buy"]\n    seen: Instant\n    note: str | None\n',
            ),
            replaced(_SCHEMAS, "import Annotated", "import Annotated, Literal"),
        ),
        "WatchlistRead.side refuses the word sell, which the column may have",
        {"schemas": WATCHLISTS},
        line="class WatchlistRead",
    ),
    Fault(
        "a word of an enum in the schema only",
        both(
            replaced(
                _SCHEMAS,
                "    side: Side | MISSING",
                '    side: Literal["buy", "sell", "hold"] | MISSING',
            ),
            replaced(_SCHEMAS, "import Annotated", "import Annotated, Literal"),
        ),
        "WatchlistChange.side knows the word hold, the column only buy, sell",
        {"schemas": WATCHLISTS},
        line="class WatchlistChange",
    ),
    Fault(
        "a change that has to name a field",
        replaced(_SCHEMAS, "    size: Int32 | MISSING = MISSING\n", "    size: Int32\n"),
        "WatchlistChange.size has to be there",
        {"schemas": WATCHLISTS},
        line="class WatchlistChange",
    ),
    Fault(
        "a float in a body",
        replaced(
            _SCHEMAS, "    threshold: Annotated[Decimal, Exact(20, 8)]\n", "    threshold: float\n"
        ),
        "WatchlistRead.threshold is a float",
        {},
        ("exact_numbers",),
        line="class WatchlistRead",
    ),
    Fault(
        "an answer of what reading a row hides",
        both(
            appended(
                _SCHEMAS,
                '\n\nclass WatchlistShort(VersionedRead):\n    """A name."""\n\n    name: str\n',
            ),
            replaced(
                _SERVICES, "import WatchlistChange,", "import WatchlistShort, WatchlistChange,"
            ),
            replaced(
                _SERVICES, "Get(queries.ONE, WatchlistRead", "Get(queries.ONE, WatchlistShort"
            ),
        ),
        "WatchlistRead.note is answered, and WatchlistShort, which reads the row, hides it",
        {"schemas": WATCHLISTS},
        line="class WatchlistRead",
    ),
]

DATA_FAULTS = [*_IN_MODELS, *_IN_SCHEMAS]
