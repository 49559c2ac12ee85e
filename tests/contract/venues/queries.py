"""Every statement that the venues module sends to the database."""

from sqlalchemy import select

from backend.core.statements import ROW
from tests.contract.venues.models import Venue

ALL = select(Venue)
ONE = ALL.where(Venue.id == ROW)
