"""Every statement that the ticks module sends to the database."""

from sqlalchemy import select

from backend.core.statements import OWNER, ROW
from tests.contract.ticks.models import Tick

ALL = select(Tick).where(Tick.user_id == OWNER)
ONE = ALL.where(Tick.id == ROW)
