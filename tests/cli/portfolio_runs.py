"""A user with a portfolio, and the command line on their database."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from backend.core.engine import make_engine
from backend.portfolios import services as portfolios
from backend.portfolios.schemas import PortfolioCreate
from backend.users import services as users
from jedgebot.cli import run
from tests.cli.project_copy import Answer

EMAIL = "trader@example.com"
WHOSE = ("--user", EMAIL, "--portfolio", "Main")
FILLS = """\
type,trade_date,symbol,quantity,price,fee,currency,external_id
buy,2024-01-02,AAPL,10,100,1,USD,a
buy,2024-01-02,AAPL,10,100,1,USD,b
sell,2024-01-03,AAPL,5,110.25,1,USD,c
"""


def add_portfolio(engine: Engine, name: str = "Main", *, owner: UUID | None = None) -> UUID:
    """Make a portfolio, and its owner unless there is one; give the owner."""
    with Session(engine) as db, db.begin():
        if owner is None:
            owner = users.register(db, EMAIL, "no password has this hash").id
        portfolios.create(db, owner, PortfolioCreate(name=name, base_currency="USD"))
        return owner


class Terminal:
    """Where somebody types commands, with a database of their own.

    Attributes:
        engine: of the database; the user has a portfolio "Main" there.
        directory: where their files are.
    """

    def __init__(
        self, database_url: str, directory: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.engine = make_engine(database_url)
        self.owner = add_portfolio(self.engine)
        self.directory = directory
        self._capsys = capsys

    def file(self, content: str | bytes, name: str = "fills.csv") -> str:
        """Write a file; give its path."""
        path = self.directory / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def run(self, *words: str) -> Answer:
        """Run `jedgebot portfolio` with these words."""
        self._capsys.readouterr()
        code = run(("portfolio", *words))
        printed = self._capsys.readouterr()
        return Answer(code, printed.out, printed.err)

    def put(self, content: str | bytes, *options: str) -> Answer:
        """Import a file into the portfolio "Main"."""
        return self.run("import", self.file(content), *WHOSE, *options)

    def stored(self) -> int:
        """How many transactions there are that are not void."""
        statement = text("SELECT count(*) FROM transactions WHERE voided_at IS NULL")
        with self.engine.connect() as connection:
            count: int = connection.execute(statement).scalar_one()
            return count
