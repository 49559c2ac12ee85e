"""Lists and tuples in source code, and the whitespace and comments between their elements."""

from typing import TypeVar

import libcst as cst

Elements = TypeVar("Elements", cst.List, cst.Tuple)

_NEW_LINE = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace("    "))
_LAST_LINE = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace(""))


def with_element(whole: Elements, place: int, value: cst.BaseExpression) -> Elements:
    """A list or tuple with one more element at a place; each element keeps its comments.

    A comment above the first element stays above the first element.
    """
    elements = list(whole.elements)
    is_spread = _is_spread(whole)
    between = cst.Comma(whitespace_after=_NEW_LINE if is_spread else cst.SimpleWhitespace(" "))
    if place < len(elements):
        comma = between
        if place > 0 and isinstance(before := elements[place - 1].comma, cst.Comma):
            comma, between = _divided(before, between)
            elements[place - 1] = elements[place - 1].with_changes(comma=comma)
        elements.insert(place, cst.Element(value, comma=between))
        return whole.with_changes(elements=elements)
    comma = between
    ending = _ending(whole)
    if isinstance(ending, cst.ParenthesizedWhitespace):
        # A comment behind the last element stands before the bracket.
        comma = cst.Comma(whitespace_after=ending.with_changes(last_line=_NEW_LINE.last_line))
        ending = _LAST_LINE
    trailing = cst.Comma() if is_spread else cst.MaybeSentinel.DEFAULT
    elements[-1] = elements[-1].with_changes(comma=comma)
    elements.append(cst.Element(value, comma=trailing))
    return _ended(whole.with_changes(elements=elements), ending)


def one_per_line(whole: Elements) -> Elements:
    """A list or tuple with a line for each element."""
    *first, last = whole.elements
    elements = [
        element.with_changes(comma=cst.Comma(whitespace_after=_NEW_LINE)) for element in first
    ]
    elements.append(last.with_changes(comma=cst.Comma()))
    spread = whole.with_changes(elements=elements)
    if isinstance(spread, cst.List):
        bracket = cst.LeftSquareBracket(whitespace_after=_NEW_LINE)
        return _ended(spread.with_changes(lbracket=bracket), _LAST_LINE)
    parenthesis = cst.LeftParen(whitespace_after=_NEW_LINE)
    return _ended(spread.with_changes(lpar=[parenthesis]), _LAST_LINE)


def _divided(comma: cst.Comma, between: cst.Comma) -> tuple[cst.Comma, cst.Comma]:
    """The commas before and after a new element in the place of one comma.

    What stands on lines of its own stays with the element that it is above of.
    """
    space = comma.whitespace_after
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return comma, between
    before = comma.with_changes(whitespace_after=space.with_changes(empty_lines=()))
    after = space.with_changes(first_line=cst.TrailingWhitespace())
    return before, between.with_changes(whitespace_after=after)


def _is_spread(whole: cst.List | cst.Tuple) -> bool:
    return isinstance(_ending(whole), cst.ParenthesizedWhitespace)


def _ending(whole: cst.List | cst.Tuple) -> cst.BaseParenthesizableWhitespace:
    closing = whole.rbracket if isinstance(whole, cst.List) else whole.rpar[0]
    return closing.whitespace_before


def _ended(whole: Elements, ending: cst.BaseParenthesizableWhitespace) -> Elements:
    if isinstance(whole, cst.List):
        return whole.with_changes(rbracket=cst.RightSquareBracket(whitespace_before=ending))
    return whole.with_changes(rpar=[cst.RightParen(whitespace_before=ending), *whole.rpar[1:]])
