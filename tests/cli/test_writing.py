"""What is written of a specification is read as the same again."""

import pytest
from hypothesis import HealthCheck, given, settings

from jedgebot.spec.building import TableOptions
from jedgebot.spec.constraints import check_constraint_names
from jedgebot.spec.grammar import parse_field, parse_table
from jedgebot.spec.table import TableSpec
from jedgebot.spec.writing import written_field
from tests.cli.specs import families, tables, unresolved

GENERATED = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(families())
@GENERATED
def test_families_are_in_order(specs: list[TableSpec]) -> None:
    seen = {"users"}
    for number, spec in enumerate(specs):
        tables_named = {ref.table for _, ref in spec.refs}
        assert tables_named <= {*seen, spec.name}
        assert number == 0 or spec.is_shared or tables_named - {"users"}
        check_constraint_names(spec)
        seen.add(spec.name)


@given(tables(databases=("", "market_data")))
@GENERATED
def test_what_is_written_is_read_back(spec: TableSpec) -> None:
    options = TableOptions(
        owner=spec.owner,
        shared=spec.is_shared,
        unique=spec.unique,
        indexes=spec.indexes,
        versioned=spec.versioned,
        database=spec.database,
    )
    read = parse_table(spec.name, [written_field(field) for field in spec.fields], options)
    assert read == unresolved(spec)


@pytest.mark.parametrize(
    "text",
    [
        "a:ref:accounts:null:soft",
        "a:ref:accounts.code:cascade:writeonce",
        "a:ref:users:null:setnull:hidden",
        "a:str:80:null:readonly",
        "a:str:80:default=x:min=0:filter:sort:search",
        "a:datetime:default=2026-01-31T12:00:00Z",
        "a:time:min=09:30:max=17:00:00.500000",
        "a:decimal:20,8:unique",
        "a:enum:x,y:index",
    ],
)
def test_a_field_is_written_as_it_was(text: str) -> None:
    assert written_field(parse_field(text)) == text
