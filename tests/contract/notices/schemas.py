"""Bodies of requests and responses about notices."""

from typing import Annotated

from pydantic import MISSING, Field

from backend.core.schemas import TEXT_MAX, RequestSchema, UnversionedRead

LongText = Annotated[str, Field(max_length=TEXT_MAX)]


class NoticeCreate(RequestSchema):
    """A new notice."""

    text: LongText


class NoticeChange(RequestSchema):
    """Changes to a notice; what is absent stays as it is."""

    text: LongText | MISSING = MISSING


class NoticeRead(UnversionedRead):
    """A notice."""

    text: str
