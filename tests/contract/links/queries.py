"""Every statement that the links module sends to the database."""

from sqlalchemy import select

from backend.core.statements import OWNER, ROW
from tests.contract.links.models import Link

ALL = select(Link).where(Link.user_id == OWNER)
ONE = ALL.where(Link.id == ROW)
