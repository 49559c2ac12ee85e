"""Random command lines of `jedgebot table add` that ask for what cannot be."""

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from jedgebot.spec.writing import arguments
from tests.cli.specs import families

_JUNK = st.text("abz_09:.,=-", max_size=12).filter(lambda text: ":" not in text)
_FIELDS: Sequence[str] = (
    "id:uuid",
    "extra",
    "extra:",
    "extra:strr:80",
    "extra:str:0",
    "extra:str:80:uniq",
    "extra:str:80:min=9:max=3",
    "extra:str:80:cascade",
    "extra:str:80:null:null",
    "extra:str:80:readonly",
    "extra:str:80:hidden:filter",
    "extra:str:80:sort:null",
    "extra:int:search",
    "extra:int:default=many",
    "extra:int:min=1:max=5:unique",
    "extra:json:filter",
    "extra:bytes:default=AAAA",
    "extra:url:default=x",
    "extra:time:default=25:00",
    "extra:decimal:9",
    "extra:enum:a,a",
    "extra:ref:nowhere_tables",
    "extra:ref:users:setnull",
    "extra:ref:users.email",
    "extra:ref:users:soft",
    "extra:ref:user_sessions",
    "select:int",
    "Extra:int",
    "extra:str;rm",
    "extra:str:$HOME",
)
_OPTIONS: Sequence[Sequence[str]] = (
    ("--owner", "nobody.user"),
    ("--owner", "clients"),
    ("--shared", "--owner", "users"),
    ("--unique", "no_such,field"),
    ("--unique", ""),
    ("--index", "no_such"),
    ("--database", "Not A Name"),
    ("--database", "main"),
    ("--singular", "Not A Name"),
    ("--no-such-option",),
    ("-f", "no_such_file.toml"),
)
_NAMES: Sequence[str] = ("select", "core", "Holdings", "holding", "types", "users ", "../etc", "")

Words = list[str]
_Spoil = Callable[[Words], st.SearchStrategy[Words]]


def _with_field(words: Words) -> st.SearchStrategy[Words]:
    return st.one_of(st.sampled_from(_FIELDS), _JUNK).map(lambda one: [words[0], one, *words[1:]])


def _with_option(words: Words) -> st.SearchStrategy[Words]:
    return st.sampled_from(_OPTIONS).map(lambda more: [*words, *more])


def _with_name(words: Words) -> st.SearchStrategy[Words]:
    return st.sampled_from(_NAMES).map(lambda name: [name, *words[1:]])


def _with_a_column_twice(words: Words) -> st.SearchStrategy[Words]:
    name = words[1].partition(":")[0]
    return st.just([words[0], words[1], f"{name}:bool", f"{name}:int", *words[2:]])


def _without_fields(words: Words) -> st.SearchStrategy[Words]:
    return st.just([words[0], *(one for one in words[1:] if one.startswith("--why"))])


_SPOILERS: Sequence[_Spoil] = (
    _with_field,
    _with_option,
    _with_name,
    _with_a_column_twice,
    _without_fields,
)


@st.composite
def misuses(draw: st.DrawFn) -> Words:
    """The words behind `jedgebot table add`, none of which make a table."""
    [spec] = draw(families(longest=1))
    words = [word for together in arguments(spec) for word in together]
    return draw(draw(st.sampled_from(_SPOILERS))(words))
