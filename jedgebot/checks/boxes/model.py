"""Box 1: the module has a model."""

from jedgebot.checks.finding import Box, Problem, Proof, Seen
from jedgebot.checks.loading import Unusable
from jedgebot.checks.project import Module, Project


def look(_project: Project, module: Module) -> Seen:
    """A class in `models.py` is mapped to the table that the folder is named after."""
    source = module.source("models.py")
    if source is None:
        yield Problem(
            f"{module.folder}/models.py does not exist",
            f"write the model there, or remove {module.folder}",
        )
        return
    loaded = module.load("models")
    if isinstance(loaded, Unusable):
        yield Problem(f"{module.package}.models cannot be imported: {loaded}", "mend that line")
        return
    if module.model is None:
        yield Problem(
            f"{source.path} maps no class to the table {module.name}",
            f'give the model __tablename__ = "{module.name}"; folder and table have one name',
        )
        return
    name = module.model.__name__
    node = source.class_named(name)
    where = source.at(node) if node is not None else source.path
    yield Proof(f"{where} {name}")


CHECK = Box("model", "Model", look)
