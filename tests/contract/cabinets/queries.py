"""Every statement that the cabinets module sends to the database."""

from sqlalchemy import select

from backend.core.statements import OWNER, ROW
from tests.contract.cabinets.models import Cabinet

ALL = select(Cabinet).where(Cabinet.user_id == OWNER)
ONE = ALL.where(Cabinet.id == ROW)
