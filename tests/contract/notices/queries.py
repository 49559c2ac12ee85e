"""Every statement that the notices module sends to the database."""

from sqlalchemy import select

from backend.core.statements import ROW
from tests.contract.notices.models import Notice

ALL = select(Notice)
ONE = ALL.where(Notice.id == ROW)
