"""The statements that the operations on portfolios start from."""

from sqlalchemy import select

from backend.core.statements import OWNER, ROW
from backend.portfolios.models import Portfolio

ALL = select(Portfolio).where(Portfolio.user_id == OWNER)
ONE = ALL.where(Portfolio.id == ROW)
