"""Adding tables: tried and proved in a staged copy, then written and migrated in one step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from jedgebot import console
from jedgebot.checks import Finding
from jedgebot.errors import Failure
from jedgebot.evidence import evidence_of
from jedgebot.linting import lint
from jedgebot.migrations.expected import Expected
from jedgebot.migrations.revision import Revision
from jedgebot.migrations.target import Target
from jedgebot.plan import EditFile, Plan
from jedgebot.proving import Proofs, begin_to_prove, prove_all
from jedgebot.staging.process import Workers
from jedgebot.workspace import Workspace

LOOK_AT_MODELS = "Look whether the models can be imported: `jedgebot table check`."
_REVISION_SECONDS = "%Y%m%d-%H%M%S"


@dataclass(frozen=True)
class Site:
    """Where tables are added.

    Attributes:
        stage: a copy of the workspace's tree, which the workers have entered.
        target: the database that they are for.
        database: its name; empty for the main one.
    """

    workspace: Workspace
    stage: Path
    workers: Workers
    target: Target
    database: str = ""


@dataclass(frozen=True)
class Added:
    """Tables that were added.

    Attributes:
        tables: their names.
        revisions: that create them, one for each.
        boxes: the nine boxes of each table, each with what proves it.
        files: that were written, from the project's root.
        evidence: the file with all that was seen, by table.
        database: where it is and what it is at; empty if it was left alone.
        proved_on_postgresql: whether the proofs ran there, too.
    """

    tables: tuple[str, ...]
    revisions: tuple[Revision, ...]
    boxes: tuple[Finding, ...]
    files: tuple[str, ...]
    evidence: Mapping[str, str]
    database: str
    proved_on_postgresql: bool


@dataclass(frozen=True)
class Preview:
    """What would be written.

    Attributes:
        revisions: their text, by path.
        sql: what they would do, for each kind of database.
    """

    plan: Plan
    revisions: Mapping[str, str]
    sql: Mapping[str, str]


def preview(plan: Plan, site: Site) -> Preview:
    """Make the revisions in the staged copy, and show what they would do.

    Raises:
        Failure: they are refused.
    """
    revisions = _stage(plan, site)
    _lint(plan, site)
    texts = {one.path: (site.stage / one.path).read_text(encoding="utf-8") for one in revisions}
    with console.step("Write out the SQL"):
        sql = site.workers.models.call(
            "sql",
            "See docs/migrations.md.",
            down=revisions[0].down,
            up=revisions[-1].id,
            database=site.database,
        )
    return Preview(plan, texts, sql)


def carry_out(plan: Plan, site: Site, *, apply: bool = True, postgresql: bool = True) -> Added:
    """Carry out a plan.

    Args:
        plan: what is added.
        site: where.
        apply: whether the database is migrated, too.
        postgresql: whether all is proved on PostgreSQL as well.

    Raises:
        Failure: something was refused or failed; the project and its database are as before.
    """
    revisions = _stage(plan, site, then=lambda: begin_to_prove(plan, site.workers))
    _lint(plan, site)
    proofs = prove_all(plan, revisions, site.workers, postgresql=postgresql)
    shown = f"{site.target.shown} is at {revisions[-1].id}" if apply else ""
    boxes = _with_evidence(proofs, shown)
    evidence = _evidence(plan, revisions, boxes, proofs)
    paths = [
        *(write.path for write in plan.writes),
        *(PurePosixPath(one.path) for one in revisions),
    ]
    contents = {path: (site.stage / path).read_bytes() for path in paths}
    with console.step("Write and migrate" if apply else "Write") as step:
        _require_unchanged(plan, site.workspace.root)
        _require_same_revisions(site, revisions)
        _change(site, {**contents, **evidence}, revisions, apply=apply)
        step.detail = f"{len(contents)} files" + (f"; {shown}" if apply else "")
    return Added(
        tuple(table.spec.name for table in plan.tables),
        revisions,
        boxes,
        tuple(map(str, contents)),
        {path.parent.name: str(path) for path in evidence},
        shown,
        postgresql,
    )


def _stage(plan: Plan, site: Site, then: Callable[[], None] = lambda: None) -> tuple[Revision, ...]:
    """Write the tables to the staged copy one by one, and make the revision of each.

    In a database that has no revision yet, one before them makes what every database has.

    A revision is made of what the models have and the migrations before it have not, so the next
    table is not written before.

    Args:
        plan: the tables.
        site: where.
        then: called as soon as the last table is written.
    """
    revisions: list[Revision] = []
    with console.step("Make and review the migration") as step:
        models = site.workers.models
        if site.database:
            begun = models.call("begin_database", LOOK_AT_MODELS, database=site.database)
            revisions += begun
        for table in plan.tables:
            site.workspace.write_staged(site.stage, table.writes)
            if table is plan.tables[-1]:
                then()
            revision: Revision = models.call(
                "make_revision",
                LOOK_AT_MODELS,
                expected=Expected.of(table.spec),
                message=table.revision.message,
                database=site.database,
            )
            revisions.append(revision)
        created = ", ".join(table.spec.name for table in plan.tables)
        step.detail = f"creates {created} and nothing else"
    return tuple(revisions)


def _lint(plan: Plan, site: Site) -> None:
    with console.step("Lint what was rendered") as step:
        lint(site.stage, [write.path for write in plan.writes])
        step.detail = f"{len(plan.writes)} files"


def _change(
    site: Site,
    contents: Mapping[PurePosixPath, bytes],
    revisions: Sequence[Revision],
    *,
    apply: bool,
) -> None:
    """Write the files and migrate the database, whose commit decides."""
    if apply:
        last = revisions[-1].id
        site.target.require_at(revisions[0].down)
        site.workspace.change(
            contents,
            site.target.mark(last),
            lambda: site.target.apply(last, together=len(revisions) > 1),
            site.target.holds,
        )
        return
    mark = site.target.no_mark
    site.workspace.change(contents, mark, lambda: None, site.target.holds)


def _require_unchanged(plan: Plan, root: Path) -> None:
    """Refuse to write over what someone has written since the plan was made."""
    for write in plan.writes:
        path = root / write.path
        now = path.read_text(encoding="utf-8") if path.exists() else None
        if now != (write.before if isinstance(write, EditFile) else None):
            raise Failure(f"{write.path} was changed meanwhile.", "Run the command again.")


def _require_same_revisions(site: Site, made: Sequence[Revision]) -> None:
    """Refuse to add to other revisions than those that the copy was proved with."""
    ours, theirs = (_revisions_in(root) for root in (site.stage, site.workspace.root))
    for revision in made:
        ours.pop(PurePosixPath(revision.path), None)
    if ours != theirs:
        raise Failure(
            "another revision was made meanwhile, or one was changed.", "Run the command again."
        )


def _revisions_in(root: Path) -> dict[PurePosixPath, bytes]:
    files = {path.relative_to(root): path for path in (root / "alembic").rglob("*.py")}
    return {
        PurePosixPath(name): path.read_bytes()
        for name, path in files.items()
        if not any(part.startswith(".") for part in name.parts)  # nor are they in the copy
    }


def _with_evidence(proofs: Proofs, shown: str) -> tuple[Finding, ...]:
    """The boxes with what only the run itself has seen."""
    return tuple(_seen(box, proofs, shown) for box in proofs.boxes)


def _seen(box: Finding, proofs: Proofs, shown: str) -> Finding:
    if box.check == "applied":
        return replace(box, evidence=(shown or "not applied: --no-apply",))
    if box.check == "migration":
        return replace(box, evidence=(*box.evidence, *proofs.migrated))
    if box.check == "tests":
        return replace(box, evidence=(*box.evidence, *proofs.tested(str(box.table))))
    return box


def _evidence(
    plan: Plan, revisions: Sequence[Revision], boxes: Sequence[Finding], proofs: Proofs
) -> dict[PurePosixPath, bytes]:
    """A document for each table, beside the project's files and not under version control."""
    now = datetime.now(UTC)
    documents = evidence_of(plan, revisions, boxes, proofs, now)
    return {
        PurePosixPath("var", "evidence", table, f"{now:{_REVISION_SECONDS}}.json"): text.encode()
        for table, text in documents
    }
