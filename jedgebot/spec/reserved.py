"""Names that are taken: by SQL, by the application, or by the code of a module."""

SQL_WORDS = frozenset(
    """
    add all alter analyse analyze and any array as asc asymmetric authorization autoincrement
    between binary both case cast check collate collation column commit concurrently constraint
    create cross current_catalog current_date current_role current_schema current_time
    current_timestamp current_user default deferrable delete desc distinct do drop else end
    escape except exists false fetch for foreign freeze from full grant group having if ilike in
    index initially inner insert intersect into is isnull join lateral leading left like limit
    localtime localtimestamp natural not nothing notnull null offset on only or order outer
    overlaps placing primary references returning right select session_user set similar some
    symmetric system_user table tablesample then to trailing transaction true union unique
    update user using values variadic verbose when where window with
    """.split()  # noqa: SIM905  # a list would take a line for each word
)
"""Reserved in PostgreSQL or SQLite: each use of such a name would need quotes."""

BACKEND_PACKAGES = frozenset(
    {"core", "dependencies", "ledger", "main", "models", "queries", "routes", "schemas", "services"}
)
"""Packages of the backend, and names of files that every module has."""

DATABASE_NAMES = frozenset({"base", "head", "heads", "jedgebot", "main", "test", "users"})
"""Words that Alembic, the settings or the application have a meaning for."""

ROUTE_PREFIXES = frozenset({"docs", "healthz", "openapi", "readyz", "redoc", "static"})
"""First parts of the paths that the application serves beside the tables."""

FIELD_NAMES = {
    **dict.fromkeys(
        ("id", "user_id", "created_at", "updated_at", "version"),
        "every table has this column",
    ),
    **dict.fromkeys(("metadata", "registry"), "SQLAlchemy keeps its own things there"),
    "self": "a new row is made by a method that calls the row so",
    **dict.fromkeys(
        (
            "apply_to",
            "construct",
            "copy",
            "dict",
            "from_orm",
            "json",
            "parse_file",
            "parse_obj",
            "parse_raw",
            "read_json",
            "schema",
            "schema_json",
            "update_forward_refs",
            "validate",
        ),
        "every schema has a method of this name",
    ),
    **dict.fromkeys(
        ("bool", "bytes", "date", "datetime", "float", "int", "list", "object", "str", "time"),
        "it is a Python type that the module uses; say which it is, like trade_date",
    ),
    **dict.fromkeys(
        ("cursor", "fields", "limit", "search", "sort"), "lists have a parameter of this name"
    ),
}
"""Names that no field may have, and why."""

LOCAL_NAMES = frozenset(
    """
    browse change changes create data date datetime db for_update get get_args if_match
    mapped_column owner_id queries remove require_match router select services time user
    """.split()  # noqa: SIM905  # a list would take a line for each word
)
"""Names that the code of a module uses: what is generated, and functions written beside it."""

CLASS_NAMES = frozenset(
    """
    ALL Annotated Base Base64 Base64Bytes BigInteger Browse CalendarDay Change Create CurrencyCode
    CurrentUser DbSession Decimal EmailAddress Enum Exact ExactDecimal Field Finder ForeignKey
    ForeignKeyConstraint Get HttpURL IfMatch Index Instant Int32 Int64 JSONContent JSONDocument
    LargeBinary Literal MISSING Mapped NotFound ONE OWNER OwnedRecord ROW Remove RequestSchema
    Router Session SharedRecord StrictBool String Text Time TimeOfDay TimezoneName
    UniqueConstraint UnversionedOwnedRecord UnversionedRead UnversionedSharedRecord VersionedRead
    """.split()  # noqa: SIM905  # a list would take a line for each word
)
"""Classes and constants that the files of a module import or have."""
