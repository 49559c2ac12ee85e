"""Corrections over HTTP, with what they need in one file."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from backend.core.operations import Create
from backend.core.routing import Router
from backend.core.schemas import RequestSchema, UnversionedRead
from backend.user_sessions.dependencies import SESSION_OWNER
from tests.databases.corrections.models import Correction


class CorrectionCreate(RequestSchema):
    """A new correction."""

    reading_id: UUID
    reason: Annotated[str, Field(max_length=80)]


class CorrectionRead(UnversionedRead):
    """A correction."""

    reading_id: UUID
    reason: str


router = Router(tags=["corrections"], owner=SESSION_OWNER)
router.declare(
    "POST",
    "",
    Create(Correction, CorrectionCreate, CorrectionRead),
    name="create_correction",
    description="Create.",
)
