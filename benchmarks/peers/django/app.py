"""Django and django-ninja: models, schemas and a bearer class, in one file."""

import os
from datetime import datetime
from decimal import Decimal
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import django
import jwt
from django.conf import settings

SECRET_KEY = os.environ["BENCH_SECRET_KEY"]
URL = urlsplit(os.environ["BENCH_DATABASE_URL"])
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": URL.path.removeprefix("/"),
    "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE"},
}
POSTGRESQL = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": URL.path.removeprefix("/"),
    "HOST": URL.hostname,
    "PORT": URL.port,
    "USER": URL.username,
    "PASSWORD": URL.password,
    "OPTIONS": {"server_side_binding": True},
}

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={
        "default": {
            **(SQLITE if URL.scheme == "sqlite" else POSTGRESQL),
            "CONN_MAX_AGE": None,
        }
    },
    INSTALLED_APPS=["django.contrib.contenttypes"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=SECRET_KEY,
    USE_TZ=True,
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - needs the settings
from django.db import models  # noqa: E402 - as above
from django.db.models import Q  # noqa: E402 - as above
from django.shortcuts import get_object_or_404  # noqa: E402 - as above
from django.urls import path  # noqa: E402 - as above
from ninja import Field, ModelSchema, NinjaAPI, Schema  # noqa: E402 - as above
from ninja.security import HttpBearer  # noqa: E402 - as above
from pydantic import AwareDatetime  # noqa: E402 - as above


class Fill(models.Model):
    pk = models.CompositePrimaryKey("user_id", "id")
    user_id = models.UUIDField()
    id = models.UUIDField(default=uuid4)
    symbol = models.CharField(max_length=20)
    side = models.CharField(max_length=32)
    quantity = models.DecimalField(max_digits=20, decimal_places=8)
    price = models.DecimalField(max_digits=20, decimal_places=8)
    executed_at = models.DateTimeField()
    external_ref = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.IntegerField(default=1)

    class Meta:
        app_label = "bench"
        db_table = "fills"
        managed = False


class FillIn(Schema):
    symbol: str = Field(min_length=1, max_length=20)
    side: Literal["buy", "sell"]
    quantity: Decimal = Field(max_digits=20, decimal_places=8)
    price: Decimal = Field(max_digits=20, decimal_places=8)
    executed_at: AwareDatetime
    external_ref: str = Field(min_length=1, max_length=64)


class FillOut(ModelSchema):
    id: UUID

    class Meta:
        model = Fill
        fields = [
            "symbol",
            "side",
            "quantity",
            "price",
            "executed_at",
            "external_ref",
            "created_at",
            "updated_at",
            "version",
        ]


class FillPage(Schema):
    items: list[FillOut]
    next_cursor: str | None


class Bearer(HttpBearer):
    def authenticate(self, request, token):
        try:
            payload = jwt.decode(token, SECRET_KEY, algorithms=["HS256"], audience="access")
            return UUID(payload["sub"])
        except (jwt.PyJWTError, KeyError, ValueError):
            return None


api = NinjaAPI(auth=Bearer())


@api.get("/fills/{uuid:fill_id}", response=FillOut)
def read_fill(request, fill_id: UUID):
    return get_object_or_404(Fill, user_id=request.auth, id=fill_id)


@api.get("/fills", response=FillPage)
def list_fills(request, limit: int = 50, cursor: str | None = None):
    fills = Fill.objects.filter(user_id=request.auth)
    if cursor is not None:
        executed_at, _, fill_id = cursor.partition("_")
        at = datetime.fromisoformat(executed_at)
        fills = fills.filter(
            Q(executed_at__lt=at) | Q(executed_at=at, id__lt=UUID(fill_id)), executed_at__lte=at
        )
    found = list(fills.order_by("-executed_at", "-id")[: limit + 1])
    items = found[:limit]
    more = len(found) > limit
    last_cursor = f"{items[-1].executed_at.isoformat()}_{items[-1].id}" if more else None
    return {"items": items, "next_cursor": last_cursor}


@api.post("/fills", response={201: FillOut})
def create_fill(request, data: FillIn):
    return 201, Fill.objects.create(user_id=request.auth, **data.dict())


urlpatterns = [path("", api.urls)]
app = get_wsgi_application()
