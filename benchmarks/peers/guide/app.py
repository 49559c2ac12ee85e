"""The guide's literal form: sync endpoints, `Depends(get_db)`, ORM rows, `response_model`.

It has more connections than threads, since with fewer it stops for good under load.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID, uuid4

import jwt
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import DateTime, ForeignKey, Numeric, String, create_engine, tuple_
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.types import TypeDecorator

SECRET_KEY = os.environ["BENCH_SECRET_KEY"]
DATABASE_URL = os.environ["BENCH_DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:")
SQLITE = DATABASE_URL.startswith("sqlite")

engine = create_engine(DATABASE_URL, pool_size=48, connect_args={"timeout": 30} if SQLITE else {})
SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)


class AwareUTC(TypeDecorator):
    """SQLite forgets time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return value and value.astimezone(UTC)

    def process_result_value(self, value, dialect):
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)


class Fill(Base):
    __tablename__ = "fills"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    symbol: Mapped[str] = mapped_column(String(20))
    side: Mapped[str] = mapped_column(String(32))
    quantity: Mapped[Decimal] = mapped_column(Numeric(20, 8))
    price: Mapped[Decimal] = mapped_column(Numeric(20, 8))
    executed_at: Mapped[datetime] = mapped_column(AwareUTC)
    external_ref: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(AwareUTC, default=lambda: datetime.now(UTC))
    updated_at: Mapped[datetime] = mapped_column(AwareUTC, default=lambda: datetime.now(UTC))
    version: Mapped[int] = mapped_column(default=1)


class FillCreate(BaseModel):
    symbol: str = Field(min_length=1, max_length=20)
    side: Literal["buy", "sell"]
    quantity: Decimal = Field(max_digits=20, decimal_places=8)
    price: Decimal = Field(max_digits=20, decimal_places=8)
    executed_at: AwareDatetime
    external_ref: str = Field(min_length=1, max_length=64)


class FillRead(FillCreate):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int


class FillPage(BaseModel):
    items: list[FillRead]
    next_cursor: str | None


def get_db() -> Iterator[Session]:
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token")


async def get_current_user(token: str = Depends(oauth2_scheme)) -> UUID:
    try:
        payload = jwt.decode(token, SECRET_KEY, algorithms=["HS256"], audience="access")
        return UUID(payload["sub"])
    except (jwt.PyJWTError, KeyError, ValueError):
        raise HTTPException(status_code=401, detail="Could not validate credentials") from None


router = APIRouter(prefix="/fills")


@router.get("/{fill_id}", response_model=FillRead)
def read_fill(
    fill_id: UUID, db: Session = Depends(get_db), user_id: UUID = Depends(get_current_user)
):
    fill = db.query(Fill).filter(Fill.user_id == user_id, Fill.id == fill_id).first()
    if fill is None:
        raise HTTPException(status_code=404, detail="Fill not found")
    return fill


@router.get("", response_model=FillPage)
def list_fills(
    limit: int = 50,
    cursor: str | None = None,
    db: Session = Depends(get_db),
    user_id: UUID = Depends(get_current_user),
):
    query = db.query(Fill).filter(Fill.user_id == user_id)
    if cursor is not None:
        executed_at, _, fill_id = cursor.partition("_")
        last = (datetime.fromisoformat(executed_at), UUID(fill_id))
        query = query.filter(tuple_(Fill.executed_at, Fill.id) < last)
    fills = query.order_by(Fill.executed_at.desc(), Fill.id.desc()).limit(limit + 1).all()
    items = fills[:limit]
    more = len(fills) > limit
    last_cursor = f"{items[-1].executed_at.isoformat()}_{items[-1].id}" if more else None
    return {"items": items, "next_cursor": last_cursor}


@router.post("", response_model=FillRead, status_code=201)
def create_fill(
    data: FillCreate,
    db: Session = Depends(get_db),
    user_id: UUID = Depends(get_current_user),
):
    fill = Fill(user_id=user_id, **data.model_dump())
    db.add(fill)
    db.commit()
    db.refresh(fill)
    return fill


app = FastAPI()
app.include_router(router)
