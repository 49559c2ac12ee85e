"""Pins over HTTP, with what they need in one file."""

from uuid import UUID

from backend.core.operations import Create
from backend.core.routing import Router
from backend.core.schemas import RequestSchema, VersionedRead
from backend.user_sessions.dependencies import SESSION_OWNER
from tests.databases.pins.models import Pin
from tests.databases.readings import services as readings_services


class PinCreate(RequestSchema):
    """A new pin."""

    reading_id: UUID


class PinRead(VersionedRead):
    """A pin."""

    reading_id: UUID


router = Router(tags=["pins"], owner=SESSION_OWNER)
router.declare(
    "POST",
    "",
    Create(Pin, PinCreate, PinRead, refers_to={"reading_id": readings_services.get}),
    name="create_pin",
    description="Create.",
)
