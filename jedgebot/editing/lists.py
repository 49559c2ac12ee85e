"""Lists of strings in source code, and the whitespace between their elements."""

import json

import libcst as cst

_NEW_LINE = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace("    "))
_LAST_LINE = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace(""))


def with_element(names: cst.List, place: int, name: str) -> cst.List:
    """The list with one more string at a place; each element keeps its comment."""
    elements = list(names.elements)
    is_spread = _is_spread(names)
    between = cst.Comma(whitespace_after=_NEW_LINE if is_spread else cst.SimpleWhitespace(" "))
    if place < len(elements):
        elements.insert(place, _element(name, between))
        return names.with_changes(elements=elements)
    comma = between
    ending = _ending(names)
    if isinstance(ending, cst.ParenthesizedWhitespace):
        # A comment behind the last element stands before the bracket.
        comma = cst.Comma(whitespace_after=ending.with_changes(last_line=_NEW_LINE.last_line))
        ending = _LAST_LINE
    trailing = cst.Comma() if is_spread else cst.MaybeSentinel.DEFAULT
    elements[-1] = elements[-1].with_changes(comma=comma)
    elements.append(_element(name, trailing))
    return _ended(names.with_changes(elements=elements), ending)


def one_per_line(names: cst.List) -> cst.List:
    """The list with a line for each element."""
    *first, last = names.elements
    elements = [
        element.with_changes(comma=cst.Comma(whitespace_after=_NEW_LINE)) for element in first
    ]
    elements.append(last.with_changes(comma=cst.Comma()))
    bracket = cst.LeftSquareBracket(whitespace_after=_NEW_LINE)
    return _ended(names.with_changes(lbracket=bracket, elements=elements), _LAST_LINE)


def _element(name: str, comma: cst.Comma | cst.MaybeSentinel) -> cst.Element:
    return cst.Element(cst.SimpleString(json.dumps(name)), comma=comma)


def _is_spread(names: cst.List) -> bool:
    return isinstance(_ending(names), cst.ParenthesizedWhitespace)


def _ending(names: cst.List) -> cst.BaseParenthesizableWhitespace:
    return names.rbracket.whitespace_before


def _ended(names: cst.List, ending: cst.BaseParenthesizableWhitespace) -> cst.List:
    return names.with_changes(rbracket=cst.RightSquareBracket(whitespace_before=ending))
