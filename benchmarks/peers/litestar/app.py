"""Litestar, advanced-alchemy's service and repository, msgspec schemas, Litestar's own JWT."""

import os
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID, uuid4

from advanced_alchemy.base import DefaultBase
from advanced_alchemy.extensions.litestar import (
    AsyncSessionConfig,
    EngineConfig,
    SQLAlchemyAsyncConfig,
    SQLAlchemyPlugin,
    providers,
    repository,
    service,
)
from advanced_alchemy.filters import LimitOffset, OrderBy
from advanced_alchemy.types import DateTimeUTC
from litestar import Controller, Litestar, Request, get, post
from litestar.exceptions import NotFoundException
from litestar.params import Parameter
from litestar.security.jwt import JWTAuth
from msgspec import Meta, Struct
from sqlalchemy import Numeric, String, Uuid, tuple_
from sqlalchemy.orm import Mapped, mapped_column

SECRET_KEY = os.environ["BENCH_SECRET_KEY"]
DATABASE_URL = (
    os.environ["BENCH_DATABASE_URL"]
    .replace("postgresql:", "postgresql+asyncpg:")
    .replace("sqlite:", "sqlite+aiosqlite:")
)


class FillModel(DefaultBase):
    __tablename__ = "fills"

    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    symbol: Mapped[str] = mapped_column(String(20))
    side: Mapped[str] = mapped_column(String(32))
    quantity: Mapped[Decimal] = mapped_column(Numeric(20, 8))
    price: Mapped[Decimal] = mapped_column(Numeric(20, 8))
    executed_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))
    external_ref: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(
        DateTimeUTC(timezone=True), default=lambda: datetime.now(UTC)
    )
    updated_at: Mapped[datetime] = mapped_column(
        DateTimeUTC(timezone=True), default=lambda: datetime.now(UTC)
    )
    version: Mapped[int] = mapped_column(default=1)


class FillCreate(Struct):
    symbol: Annotated[str, Meta(min_length=1, max_length=20)]
    side: Literal["buy", "sell"]
    quantity: Decimal
    price: Decimal
    executed_at: Annotated[datetime, Meta(tz=True)]
    external_ref: Annotated[str, Meta(min_length=1, max_length=64)]


class Fill(FillCreate):
    id: UUID
    created_at: datetime
    updated_at: datetime
    version: int


class FillPage(Struct):
    items: list[Fill]
    next_cursor: str | None


class FillService(service.SQLAlchemyAsyncRepositoryService[FillModel]):
    class Repository(repository.SQLAlchemyAsyncRepository[FillModel]):
        model_type = FillModel

    repository_type = Repository


class FillController(Controller):
    path = "/fills"
    dependencies = providers.create_service_dependencies(FillService, "fills")

    @get("/{fill_id:uuid}")
    async def read_fill(self, fills: FillService, request: Request, fill_id: UUID) -> Fill:
        found = await fills.get_one_or_none(user_id=request.user, id=fill_id)
        if found is None:
            raise NotFoundException
        return fills.to_schema(found, schema_type=Fill)

    @get("/")
    async def list_fills(
        self,
        fills: FillService,
        request: Request,
        limit: Annotated[int, Parameter(ge=1, le=500)] = 50,
        cursor: str | None = None,
    ) -> FillPage:
        wanted = [FillModel.user_id == request.user]
        if cursor is not None:
            executed_at, _, fill_id = cursor.partition("_")
            last = (datetime.fromisoformat(executed_at), UUID(fill_id))
            wanted.append(tuple_(FillModel.executed_at, FillModel.id) < last)
        found = await fills.list(
            *wanted,
            OrderBy("executed_at", "desc"),
            OrderBy("id", "desc"),
            LimitOffset(limit + 1, 0),
        )
        items = [fills.to_schema(one, schema_type=Fill) for one in found[:limit]]
        more = len(found) > limit
        last_cursor = f"{items[-1].executed_at.isoformat()}_{items[-1].id}" if more else None
        return FillPage(items, last_cursor)

    @post("/")
    async def create_fill(self, fills: FillService, request: Request, data: FillCreate) -> Fill:
        values = {name: getattr(data, name) for name in data.__struct_fields__}
        created = await fills.create({"user_id": request.user, **values})
        return fills.to_schema(created, schema_type=Fill)


async def user_of(token, _connection):
    return UUID(token.sub)


app = Litestar(
    route_handlers=[FillController],
    on_app_init=[
        JWTAuth(
            token_secret=SECRET_KEY,
            retrieve_user_handler=user_of,
            accepted_audiences=["access"],
        ).on_app_init
    ],
    plugins=[
        SQLAlchemyPlugin(
            config=SQLAlchemyAsyncConfig(
                connection_string=DATABASE_URL,
                before_send_handler="autocommit",
                session_config=AsyncSessionConfig(expire_on_commit=False),
                engine_config=EngineConfig(pool_size=16, max_overflow=0),
            )
        )
    ],
    logging_config=None,
)
