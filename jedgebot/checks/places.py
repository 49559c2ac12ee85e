"""Where a model has its columns: file and line, for evidence."""

import ast

from jedgebot.checks.project import Module


def place_of_model(module: Module) -> str:
    """Where `models.py` has the class; the file alone if that is not known."""
    source = module.source("models.py")
    name = module.model.__name__ if module.model is not None else ""
    node = source.class_named(name) if source is not None else None
    path = f"{module.folder}/models.py"
    return source.at(node) if source is not None and node is not None else path


def place_of_column(module: Module, name: str) -> str:
    """Where the class has the column; the class itself if it inherits it."""
    source = module.source("models.py")
    model = module.model.__name__ if module.model is not None else ""
    node = source.class_named(model) if source is not None else None
    for statement in node.body if node is not None else ():
        target = statement.target if isinstance(statement, ast.AnnAssign) else None
        if source is not None and isinstance(target, ast.Name) and target.id == name:
            return source.at(statement)
    return place_of_model(module)
