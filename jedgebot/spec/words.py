"""English plurals, as far as names of tables need them."""

import re

_IRREGULAR = {
    "alias": "aliases",
    "analysis": "analyses",
    "atlas": "atlases",
    "axis": "axes",
    "basis": "bases",
    "bias": "biases",
    "canvas": "canvases",
    "child": "children",
    "cookie": "cookies",
    "crisis": "crises",
    "criterion": "criteria",
    "curriculum": "curricula",
    "datum": "data",
    "diagnosis": "diagnoses",
    "echo": "echoes",
    "foot": "feet",
    "gas": "gases",
    "guru": "gurus",
    "half": "halves",
    "hero": "heroes",
    "hypothesis": "hypotheses",
    "index": "indices",
    "knife": "knives",
    "leaf": "leaves",
    "lens": "lenses",
    "life": "lives",
    "loaf": "loaves",
    "man": "men",
    "matrix": "matrices",
    "medium": "media",
    "menu": "menus",
    "money": "moneys",
    "mouse": "mice",
    "movie": "movies",
    "person": "people",
    "phenomenon": "phenomena",
    "potato": "potatoes",
    "quiz": "quizzes",
    "selfie": "selfies",
    "shelf": "shelves",
    "synopsis": "synopses",
    "synthesis": "syntheses",
    "thesis": "theses",
    "thief": "thieves",
    "tie": "ties",
    "tooth": "teeth",
    "tomato": "tomatoes",
    "vertex": "vertices",
    "veto": "vetoes",
    "wife": "wives",
    "wolf": "wolves",
    "woman": "women",
    "yes": "yeses",
}
_SINGULAR_OF = {plural: singular for singular, plural in _IRREGULAR.items()}
_SINGULAR_OF |= {"indexes": "index", "matrixes": "matrix", "monies": "money"}

_UNCOUNTABLE = frozenset({"aircraft", "equipment", "information", "news", "series", "species"})

# The first pattern that matches decides; the last is every other word that ends in one s.
_TO_SINGULAR = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"([^aeiou]|qu)ies$", r"\1y"),
        (r"((?:a|ni|qui)che)s$", r"\1"),
        (r"(ss|sh|ch|x|zz)es$", r"\1"),
        (r"((?:sh|^t|^f)oe)s$", r"\1"),
        (r"([^aeiou]o)es$", r"\1"),
        (r"((?:^|fl|f|exc|acc|am|conf|ref|ab|re)use)s$", r"\1"),
        (r"((?:a|ho|bro|cour|spou|mou)use|(?:n|p)urse)s$", r"\1"),
        (r"([bcflmnprstv]us)es$", r"\1"),
        (r"([^su])s$", r"\1"),
    )
]
_TO_PLURAL = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"([^aeiou]|qu)y$", r"\1ies"),
        (r"(s|x|z|ch|sh)$", r"\1es"),
        (r"$", "s"),
    )
]
# Where the written vowel or its absence misleads: an hour, a user.
_SOUNDS_LIKE_A_CONSONANT = re.compile(r"^(eu|one|once|u(se|ni|ti|ra|rl)|u[bcdfghjkmqrstvw][aeiou])")
_SOUNDS_LIKE_A_VOWEL = re.compile(r"^([aeiou]|hour|honest|honou?r|heir)")


def singular(name: str) -> str:
    """The singular of a name whose last word is a plural; the name itself if it is none."""
    head, last = _split(name)
    if last in _UNCOUNTABLE:
        return name
    if last in _SINGULAR_OF:
        return head + _SINGULAR_OF[last]
    if last in _IRREGULAR:
        return name
    for pattern, replacement in _TO_SINGULAR:
        if pattern.search(last):
            return head + pattern.sub(replacement, last)
    return name


def plural(name: str) -> str:
    """The plural of a name whose last word is a singular."""
    head, last = _split(name)
    if last in _UNCOUNTABLE:
        return name
    if last in _IRREGULAR:
        return head + _IRREGULAR[last]
    for pattern, replacement in _TO_PLURAL:
        if pattern.search(last):
            return head + pattern.sub(replacement, last, count=1)
    return name


def is_plural(name: str) -> bool:
    """Whether the last word of a name is a plural, or is the same in both numbers."""
    return singular(name) != name or _split(name)[1] in _UNCOUNTABLE


def with_article(phrase: str) -> str:
    """The phrase behind "a" or "an"."""
    vowel = _SOUNDS_LIKE_A_VOWEL.match(phrase) and not _SOUNDS_LIKE_A_CONSONANT.match(phrase)
    return f"{'an' if vowel else 'a'} {phrase}"


def spaced(name: str) -> str:
    """A name as words: audit_logs, audit logs."""
    return name.replace("_", " ")


def camel_case(name: str) -> str:
    """A name as a class is called: audit_log, AuditLog."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def snake_case(name: str) -> str:
    """The name from which `camel_case` makes this one: BaseCurrency, base_currency."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def _split(name: str) -> tuple[str, str]:
    head, separator, last = name.rpartition("_")
    return head + separator, last
