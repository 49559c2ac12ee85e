"""What large portfolios cost, beside what was promised."""

from benchmarks.verdicts import Verdict, at_most, table

_LOOPS = 3
_GROWTH = 1.3
_ROWS_PER_SECOND = 5000
_IN_MS = ("imported", "added", "same", "list of many")


def verdicts(found: dict[str, float], *, on_sqlite: bool) -> list[Verdict]:
    """Each promise; of the rate of imports there is one on SQLite only."""
    bare, rate = found["bare"], found["import"]
    promised = f"at least {_ROWS_PER_SECOND:,} rows/s" if on_sqlite else ""
    reached = rate >= _ROWS_PER_SECOND if on_sqlite else None
    return [
        at_most("holdings, one more added", _LOOPS, found["added"] / bare),
        at_most("holdings, nothing changed", _LOOPS, found["same"] / bare),
        at_most("holdings, right after an import", _LOOPS, found["imported"] / bare),
        at_most("holdings, all replayed", _LOOPS, found["cold"] / bare),
        at_most(
            f"a page out of {found['many']:,.0f}, against one out of {found['few']:,.0f}",
            _GROWTH,
            found["list of many"] / found["list of few"],
        ),
        Verdict("import, by CPU", promised, f"{rate:,.0f} rows/s", reached),
    ]


def report(found: dict[str, float], conditions: str, *, on_sqlite: bool) -> str:
    """The figures as Markdown: ratios first."""
    bare = found["bare"]
    ms = {name: f"{found[name] * 1e3:.1f} ms" for name in _IN_MS}
    notes = (
        f"Holdings are in multiples of the bare loop, which took {bare:.3f} s: "
        f"{found['cold']:.3f} s when all was replayed, {ms['imported']} right after an import, "
        f"{ms['added']} after one more transaction, {ms['same']} when nothing changed. "
        f"A page took {ms['list of many']}. "
        f"The import took {found['rows'] / found['import'] / bare:.0f} times the loop and made "
        f"{found['import, clock']:,.0f} rows/s by the clock; two of them left the server with "
        f"{found['import, MiB']:.0f} MiB more. Least of all rounds."
    )
    return "\n".join(
        [
            conditions,
            "",
            table(f"of {found['rows']:,.0f} transactions", verdicts(found, on_sqlite=on_sqlite)),
            "",
            notes,
        ]
    )
