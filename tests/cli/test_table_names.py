"""The names of tables: which are refused, and which are not."""

import pytest

from jedgebot.errors import Misuse
from jedgebot.planning import plan_for
from jedgebot.spec.grammar import parse_table
from jedgebot.spec.names import check_singular
from jedgebot.spec.project import Project
from tests.cli.project_copy import ROOT

REFUSED_TABLES = {
    "select": "a word of SQL",
    "bad name": "cannot be used",
    "Watchlists": "cannot be used",
    "watchlist": "not a plural",
    "core": "another meaning",
    "main": "another meaning",
    "models": "another meaning",
    "services": "another meaning",
    "docs": "the application serves",
    "healthz": "the application serves",
    "types": "standard library",
    "alembic_versions": "begins as Alembic's own tables do",
    "../secrets": "cannot be used",
    "a" * 40 + "s": "more than 36",
    "": "cannot be used",
}


@pytest.mark.parametrize(("name", "says"), REFUSED_TABLES.items())
def test_a_table_name_is_refused_with_a_hint(name: str, says: str) -> None:
    with pytest.raises(Misuse, match=says):
        parse_table(name, ["x:int"])


@pytest.mark.parametrize(
    "name", ["yields", "nones", "lists", "filters", "routers", "sessions", "changes"]
)
def test_a_singular_that_the_code_uses_is_refused(name: str) -> None:
    spec = parse_table(name, ["x:int"])
    with pytest.raises(Misuse, match="would be called"):
        check_singular(spec.name, spec.singular)


@pytest.mark.parametrize("name", ["clients", "audit_logs", "brokerage_account_permissions", "news"])
def test_common_table_names_are_allowed(name: str) -> None:
    spec = parse_table(name, ["x:int"])
    check_singular(spec.name, spec.singular)


def test_a_table_without_a_module_is_not_said_to_have_a_folder() -> None:
    with pytest.raises(Misuse, match="has no module of its own") as refused:
        plan_for([parse_table("idempotency_keys", ["x:int"])], Project(ROOT))
    assert "backend/idempotency_keys" not in refused.value.hint
