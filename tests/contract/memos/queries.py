"""Every statement that the memos module sends to the database."""

from sqlalchemy import select

from backend.core.statements import OWNER, ROW
from tests.contract.memos.models import Memo

ALL = select(Memo).where(Memo.user_id == OWNER)
ONE = ALL.where(Memo.id == ROW)
