"""Reads a CREATE TABLE statement of SQLite (https://sqlite.org/lang_createtable.html)."""

from dataclasses import dataclass

from backend.core.migrations.errors import CannotRebuild
from backend.core.migrations.sqlite_tokens import NAMES, Place, Token, names_in, tokens

_TABLE_CONSTRAINTS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})
_COLUMN_CLAUSES = frozenset(
    [
        "CONSTRAINT",
        "PRIMARY",
        "NOT",
        "NULL",
        "UNIQUE",
        "CHECK",
        "DEFAULT",
        "COLLATE",
        "REFERENCES",
        "GENERATED",
        "AS",
    ]
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One constraint of a column, such as `NOT NULL`; `names` are the names it uses."""

    kind: str
    name: str | None
    names: frozenset[str]
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Column:
    """One column; without a type, `type_end` is where the name ends."""

    name: str
    type_name: str
    clauses: tuple[Clause, ...]
    name_end: int
    type_end: int
    place: Place

    @property
    def key(self) -> str:
        """The name as SQLite compares it."""
        return self.name.casefold()

    def all_of(self, kind: str) -> list[Clause]:
        """The clauses of one kind; SQLite allows a clause to be said twice."""
        return [clause for clause in self.clauses if clause.kind == kind]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One table constraint; `names` are the columns of this table that it uses."""

    name: str | None
    names: frozenset[str]
    text: str
    place: Place


def read_table(sql: str) -> tuple[tuple[Column, ...], tuple[Constraint, ...]]:
    """Read the columns and the table constraints.

    Raises:
        CannotRebuild: it is not a CREATE TABLE statement as SQLite keeps it.
    """
    return _Reader(sql).table()


class _Reader:
    def __init__(self, sql: str) -> None:
        self._sql = sql
        self._tokens = [*tokens(sql), Token("end", "", Place(len(sql), len(sql)))]
        self._position = 0

    def table(self) -> tuple[tuple[Column, ...], tuple[Constraint, ...]]:
        self._expect("CREATE", "TABLE")
        self._name()
        self._expect("(")
        columns, constraints = [self._column()], []
        while self._accept(","):
            if self._next.keyword in _TABLE_CONSTRAINTS:
                break
            columns.append(self._column())
        # The comma between table constraints is optional.
        while self._next.keyword in _TABLE_CONSTRAINTS:
            constraints.append(self._constraint())
            self._accept(",")
        self._expect(")")
        return tuple(columns), tuple(constraints)

    def _column(self) -> Column:
        name = self._name()
        while self._next.kind in NAMES and self._next.keyword not in _COLUMN_CLAUSES:
            self._take()
        if self._next.text == "(":
            self._group()
        type_end = self._last.place.end
        clauses = []
        while self._next.keyword in _COLUMN_CLAUSES:
            clauses.append(self._clause())
        if self._next.text not in (",", ")"):
            raise self._not_understood()
        type_name = self._sql[name.place.end : type_end].strip()
        place = self._since(name.place.start)
        return Column(name.name, type_name, tuple(clauses), name.place.end, type_end, place)

    def _clause(self) -> Clause:
        start, name = self._next.place.start, self._constraint_name()
        first = self._take()
        kind, names = first.keyword, frozenset[str]()
        match kind:
            case "PRIMARY":
                self._expect("KEY")
                self._accept("ASC", "DESC")
                self._conflict()
                self._accept("AUTOINCREMENT")
            case "NOT":
                self._expect("NULL")
                kind = "NOT NULL"
                self._conflict()
            case "NULL" | "UNIQUE":
                self._conflict()
            case "CHECK":
                names = self._group()
            case "DEFAULT":
                self._default()
            case "COLLATE":
                self._name()
            case "REFERENCES":
                self._reference()
            case "GENERATED" | "AS":
                if kind == "GENERATED":
                    self._expect("ALWAYS", "AS")
                kind, names = "GENERATED", self._group()
                self._accept("STORED", "VIRTUAL")
            case _:
                raise self._not_understood()
        return Clause(kind, name, names, self._text(start), self._since(start))

    def _constraint(self) -> Constraint:
        start, name = self._next.place.start, self._constraint_name()
        kind = self._take().keyword
        if kind in ("PRIMARY", "FOREIGN"):
            self._expect("KEY")
        names = self._group()
        if kind == "FOREIGN":
            self._expect("REFERENCES")
            self._reference()
        else:
            self._conflict()
        return Constraint(name, names, self._text(start), self._since(start))

    def _constraint_name(self) -> str | None:
        return self._name().name if self._accept("CONSTRAINT") else None

    def _default(self) -> None:
        if self._next.text == "(":
            self._group()
        else:
            self._accept("+", "-")
            self._take()

    def _reference(self) -> None:
        self._name()
        if self._next.text == "(":
            self._group()
        while True:
            if self._accept("ON"):
                self._expect_one("DELETE", "UPDATE")
                if self._expect_one("SET", "NO", "CASCADE", "RESTRICT") in ("SET", "NO"):
                    self._expect_one("NULL", "DEFAULT", "ACTION")
            elif self._accept("MATCH"):
                self._name()
            elif self._accept("DEFERRABLE"):
                pass
            elif self._accept("INITIALLY"):
                self._expect_one("DEFERRED", "IMMEDIATE")
            elif self._next.keyword == "NOT" and self._after_next.keyword == "DEFERRABLE":
                self._take()
            else:
                return

    def _conflict(self) -> None:
        if self._accept("ON"):
            self._expect("CONFLICT")
            self._take()

    def _group(self) -> frozenset[str]:
        start, depth = self._next.place.start, 0
        while True:
            token = self._take()
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if not depth:
                return names_in(self._text(start))

    def _name(self) -> Token:
        if self._next.kind not in NAMES:
            raise self._not_understood()
        return self._take()

    @property
    def _next(self) -> Token:
        return self._tokens[self._position]

    @property
    def _after_next(self) -> Token:
        return self._tokens[min(self._position + 1, len(self._tokens) - 1)]

    @property
    def _last(self) -> Token:
        return self._tokens[self._position - 1]

    def _take(self) -> Token:
        token = self._next
        if token.kind == "end":
            raise self._not_understood()
        self._position += 1
        return token

    def _accept(self, *keywords: str) -> bool:
        found = self._next.keyword in keywords
        if found:
            self._position += 1
        return found

    def _expect(self, *keywords: str) -> None:
        for keyword in keywords:
            self._expect_one(keyword)

    def _expect_one(self, *keywords: str) -> str:
        if self._next.keyword not in keywords:
            raise self._not_understood()
        return self._take().keyword

    def _since(self, start: int) -> Place:
        return Place(start, self._last.place.end)

    def _text(self, start: int) -> str:
        return self._sql[slice(*self._since(start))]

    def _not_understood(self) -> CannotRebuild:
        near = self._sql[self._next.place.start :][:40]
        return CannotRebuild(f"This table is not understood near {near!r}: {self._sql}")
