"""Every statement that the fills module sends to the database."""

from sqlalchemy import select

from backend.core.statements import OWNER, ROW
from benchmarks.ours.fills.models import Fill

ALL = select(Fill).where(Fill.user_id == OWNER)
ONE = ALL.where(Fill.id == ROW)
