"""What is rendered of a specification is read back as the same, and the rest is told."""

from hypothesis import HealthCheck, given, settings

from jedgebot.spec.reader import Derived, read_table
from jedgebot.spec.table import TableSpec
from tests.cli.rendered_modules import loaded, needed, own_base, rendered
from tests.cli.specs import PARENTS, tables


def read_back(spec: TableSpec) -> Derived:
    """What the code says that is rendered of a table and of those that it refers to."""
    base = own_base()
    with loaded(rendered(needed(spec)), base) as modules:
        names = {part: vars(modules[f"backend.{spec.name}.{part}"]) for part in _PARTS}
        return read_table(
            spec.singular, base.metadata.tables[spec.name], names["schemas"], names["services"]
        )


_PARTS = ("schemas", "services")


@given(tables())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_tables_are_read_back(spec: TableSpec) -> None:
    derived = read_back(spec)
    assert derived.unsaid == ()
    assert derived.remarks == ()
    assert derived.spec.same_columns_as(spec)


def test_parents_are_read_back() -> None:
    for spec in PARENTS.values():
        assert read_back(spec) == Derived(spec)
