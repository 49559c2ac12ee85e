"""Every statement that the specimens module sends to the database."""

from sqlalchemy import select

from backend.core.statements import OWNER, ROW
from tests.contract.specimens.models import Specimen

ALL = select(Specimen).where(Specimen.user_id == OWNER)
ONE = ALL.where(Specimen.id == ROW)
