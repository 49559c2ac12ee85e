"""What a database says of its own schema, in a form that can be compared.

Both sides of a comparison come from a database of one kind, and each definition is the server's
own normalised one: nothing is hidden that a person forgot to compare.
"""

from jedgebot.migrations.catalogue.comparing import (
    Catalogue,
    Difference,
    Facts,
    compare,
    differences,
)
from jedgebot.migrations.catalogue.reading import fingerprint, read
from jedgebot.migrations.catalogue.scratch import modelled, modelled_since

__all__ = [
    "Catalogue",
    "Difference",
    "Facts",
    "compare",
    "differences",
    "fingerprint",
    "modelled",
    "modelled_since",
    "read",
]
