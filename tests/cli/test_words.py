"""English plurals of table names."""

import pytest

from jedgebot.spec import words

PLURALS = {
    "address": "addresses",
    "alert": "alerts",
    "alias": "aliases",
    "analysis": "analyses",
    "audit_log": "audit_logs",
    "basis": "bases",
    "bonus": "bonuses",
    "box": "boxes",
    "cache": "caches",
    "child": "children",
    "course": "courses",
    "curve": "curves",
    "datum": "data",
    "day": "days",
    "exchange": "exchanges",
    "hero": "heroes",
    "index": "indices",
    "loss": "losses",
    "match": "matches",
    "movie": "movies",
    "news": "news",
    "person": "people",
    "portfolio": "portfolios",
    "purchase": "purchases",
    "reserve": "reserves",
    "series": "series",
    "shelf": "shelves",
    "shoe": "shoes",
    "status": "statuses",
    "strategy": "strategies",
    "tax": "taxes",
    "use": "uses",
    "virus": "viruses",
    "warehouse": "warehouses",
}


@pytest.mark.parametrize(("singular", "plural"), PLURALS.items())
def test_plurals_and_singulars(singular: str, plural: str) -> None:
    assert words.plural(singular) == plural
    assert words.singular(plural) == singular
    assert words.is_plural(plural)


@pytest.mark.parametrize("singular", sorted(PLURALS.keys() - {"news", "series"}))
def test_a_singular_is_no_plural(singular: str) -> None:
    assert words.singular(singular) == singular
    assert not words.is_plural(singular)


def test_articles() -> None:
    phrases = "user alert hour unit euro order url update index"
    expected = "a user, an alert, an hour, a unit, a euro, an order, a url, an update, an index"
    assert ", ".join(map(words.with_article, phrases.split())) == expected


def test_class_names() -> None:
    assert words.camel_case("audit_log") == "AuditLog"
    assert words.camel_case("level_2_quote") == "Level2Quote"
