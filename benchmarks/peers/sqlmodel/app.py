"""FastAPI and SQLModel as the official full-stack template uses them.

It has more connections than threads, since with fewer it stops for good under load.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import jwt
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from pydantic import AwareDatetime, ValidationError
from sqlalchemy import DateTime, Numeric, String, tuple_
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, Session, SQLModel, create_engine, select

SECRET_KEY = os.environ["BENCH_SECRET_KEY"]
DATABASE_URL = os.environ["BENCH_DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:")
SQLITE = DATABASE_URL.startswith("sqlite")

engine = create_engine(DATABASE_URL, pool_size=48, connect_args={"timeout": 30} if SQLITE else {})


class AwareUTC(TypeDecorator):
    """SQLite forgets time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return value and value.astimezone(UTC)

    def process_result_value(self, value, dialect):
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value)


class TokenPayload(SQLModel):
    sub: UUID | None = None


class User(SQLModel, table=True):
    __tablename__ = "users"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    email: str = Field(unique=True, max_length=254)
    password_hash: str = Field(max_length=255)


class FillBase(SQLModel):
    symbol: str = Field(min_length=1, max_length=20)
    side: Literal["buy", "sell"] = Field(sa_type=String)
    quantity: Decimal = Field(max_digits=20, decimal_places=8, sa_type=Numeric(20, 8))
    price: Decimal = Field(max_digits=20, decimal_places=8, sa_type=Numeric(20, 8))
    executed_at: AwareDatetime = Field(sa_type=AwareUTC)
    external_ref: str = Field(min_length=1, max_length=64)


class FillCreate(FillBase):
    pass


class Fill(FillBase, table=True):
    __tablename__ = "fills"

    user_id: UUID = Field(foreign_key="users.id", primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC), sa_type=AwareUTC)
    updated_at: datetime = Field(default_factory=lambda: datetime.now(UTC), sa_type=AwareUTC)
    version: int = 1


class FillPublic(FillBase):
    id: UUID
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int


class FillsPublic(SQLModel):
    items: list[FillPublic]
    next_cursor: str | None


def get_db() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


reusable_oauth2 = OAuth2PasswordBearer(tokenUrl="/login/access-token")
SessionDep = Annotated[Session, Depends(get_db)]
TokenDep = Annotated[str, Depends(reusable_oauth2)]


def get_current_user(session: SessionDep, token: TokenDep) -> User:
    try:
        payload = jwt.decode(token, SECRET_KEY, algorithms=["HS256"], audience="access")
        token_data = TokenPayload(**payload)
    except (jwt.InvalidTokenError, ValidationError):
        raise HTTPException(status_code=403, detail="Could not validate credentials") from None
    user = session.get(User, token_data.sub)
    if not user:
        raise HTTPException(status_code=404, detail="User not found")
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]
router = APIRouter(prefix="/fills", tags=["fills"])


@router.get("", response_model=FillsPublic)
def read_fills(
    session: SessionDep, current_user: CurrentUser, limit: int = 50, cursor: str | None = None
) -> Any:
    statement = select(Fill).where(Fill.user_id == current_user.id)
    if cursor is not None:
        executed_at, _, fill_id = cursor.partition("_")
        last = (datetime.fromisoformat(executed_at), UUID(fill_id))
        statement = statement.where(tuple_(Fill.executed_at, Fill.id) < last)
    statement = statement.order_by(Fill.executed_at.desc(), Fill.id.desc()).limit(limit + 1)
    fills = session.exec(statement).all()
    items = [FillPublic.model_validate(fill) for fill in fills[:limit]]
    more = len(fills) > limit
    last_cursor = f"{items[-1].executed_at.isoformat()}_{items[-1].id}" if more else None
    return FillsPublic(items=items, next_cursor=last_cursor)


@router.get("/{id}", response_model=FillPublic)
def read_fill(session: SessionDep, current_user: CurrentUser, id: UUID) -> Any:  # noqa: A002 - as the template
    fill = session.get(Fill, (current_user.id, id))
    if not fill:
        raise HTTPException(status_code=404, detail="Fill not found")
    return fill


@router.post("", response_model=FillPublic, status_code=201)
def create_fill(*, session: SessionDep, current_user: CurrentUser, fill_in: FillCreate) -> Any:
    fill = Fill.model_validate(fill_in, update={"user_id": current_user.id})
    session.add(fill)
    session.commit()
    session.refresh(fill)
    return fill


app = FastAPI()
app.include_router(router)
