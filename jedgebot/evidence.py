"""What an add has seen, as JSON documents that stay beside the project."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from jedgebot.checks import Finding
from jedgebot.migrations.revision import Revision
from jedgebot.plan import Plan
from jedgebot.proving import Proofs


def evidence_of(
    plan: Plan,
    revisions: Sequence[Revision],
    boxes: Sequence[Finding],
    proofs: Proofs,
    now: datetime,
) -> Iterator[tuple[str, str]]:
    """The document of each table, with the table's name before it."""
    # Before those of the tables may be one that begins their database.
    for table, revision in zip(plan.tables, revisions[-len(plan.tables) :], strict=True):
        name = table.spec.name
        document = {
            "table": name,
            "time": now.isoformat(),
            "revision": asdict(revision),
            "boxes": [asdict(box) for box in boxes if box.table == name],
            "migrated": proofs.migrated,
            "tests": {
                database: result.passed_of(name) for database, result in proofs.tests.items()
            },
            "broken_handlers": [
                {"broken": verdict.broken, "noticed": verdict.noticed}
                for result in proofs.tests.values()
                for verdict in result.verdicts
                if verdict.table == name
            ],
            "exchanges": [asdict(exchange) for exchange in proofs.exchanges.get(name, ())],
        }
        yield name, json.dumps(document, indent=1, ensure_ascii=False)
