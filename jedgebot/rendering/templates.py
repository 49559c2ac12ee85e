"""The templates, as package files."""

from collections.abc import Iterable
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateError

from jedgebot.errors import Failure
from jedgebot.rendering.code import import_block


def render(template: str, *, imports: Iterable[tuple[str, str]] = (), **names: object) -> str:
    """Fill in a template; `imports` becomes the block of import lines.

    Raises:
        Failure: the template cannot be filled in.
    """
    try:
        filled = _environment().get_template(template)
        return filled.render(imports=import_block(imports), **names)
    except TemplateError as error:
        raise Failure(
            f"the template {template} cannot be filled in: {error}",
            f"Mend jedgebot/rendering/templates/{template}.",
        ) from error


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("jedgebot.rendering"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  # what is rendered is Python and Markdown, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
