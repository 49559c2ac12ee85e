"""The limit of Python on PostgreSQL: bare ASGI, asyncpg, JSON made by the database.

It checks the token's signature once and then remembers it, and checks nothing else that it is
sent: less work than any backend may do.
"""

import os
import time
from datetime import UTC, datetime
from urllib.parse import parse_qs
from uuid import UUID, uuid4

import asyncpg
import jwt
import orjson

SECRET_KEY = os.environ["BENCH_SECRET_KEY"]
COLUMNS = (
    "id, symbol, side, quantity::text, price::text, "
    "executed_at, external_ref, created_at, updated_at, version"
)
ONE = (
    "SELECT row_to_json(r)::text "
    f"FROM (SELECT {COLUMNS} FROM fills WHERE user_id = $1 AND id = $2) r"
)
PAGE = (
    "SELECT row_to_json(r)::text, r.executed_at, r.id FROM (SELECT {} FROM fills "
    "WHERE user_id = $1{} ORDER BY fills.executed_at DESC, fills.id DESC LIMIT $2) r"
)
FIRST_PAGE = PAGE.format(COLUMNS, "")
NEXT_PAGE = PAGE.format(COLUMNS, " AND (executed_at, id) < ($3, $4)")
ADD = (
    "WITH r AS (INSERT INTO fills (user_id, id, symbol, side, quantity, price, executed_at, "
    "external_ref, created_at, updated_at, version) VALUES ($1, $2, $3, $4, $5::text::numeric, "
    "$6::text::numeric, $7::text::timestamptz, $8, $9, $9, 1) "
    f"RETURNING {COLUMNS}) SELECT row_to_json(r)::text FROM r"
)


class UnresetConnection(asyncpg.Connection):
    """A connection that its pool gives on as it is."""

    async def reset(self, *, timeout=None):  # noqa: ASYNC109 - asyncpg's signature
        pass


class State:
    pool = None
    verified: dict[bytes, tuple[UUID, float]] = {}


def user_of(scope):
    value = dict(scope["headers"]).get(b"authorization", b"")
    known = State.verified.get(value)
    if known is not None and known[1] > time.time():
        return known[0]
    try:
        claims = jwt.decode(value[7:], SECRET_KEY, algorithms=["HS256"], audience="access")
    except jwt.PyJWTError:
        return None
    user_id = UUID(claims["sub"])
    State.verified[value] = user_id, claims["exp"]
    return user_id


async def body_of(receive):
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def answer(send, status, body):
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def read_fill(user_id, fill_id):
    body = await State.pool.fetchval(ONE, user_id, UUID(fill_id))
    return (404, b"{}") if body is None else (200, body.encode())


async def read_page(user_id, query):
    sent = parse_qs(query.decode())
    limit = int(sent.get("limit", ["50"])[0])
    if "cursor" in sent:
        executed_at, _, fill_id = sent["cursor"][0].partition("_")
        last = datetime.fromisoformat(executed_at), UUID(fill_id)
        rows = await State.pool.fetch(NEXT_PAGE, user_id, limit + 1, *last)
    else:
        rows = await State.pool.fetch(FIRST_PAGE, user_id, limit + 1)
    cursor = "null"
    if len(rows) > limit:
        rows.pop()
        cursor = f'"{rows[-1][1].isoformat()}_{rows[-1][2]}"'
    items = ",".join([row[0] for row in rows])
    return 200, f'{{"items":[{items}],"next_cursor":{cursor}}}'.encode()


async def add_fill(user_id, body):
    data = orjson.loads(body)
    added = await State.pool.fetchval(
        ADD,
        user_id,
        uuid4(),
        data["symbol"],
        data["side"],
        data["quantity"],
        data["price"],
        data["executed_at"],
        data["external_ref"],
        datetime.now(UTC),
    )
    return 201, added.encode()


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        State.pool = await asyncpg.create_pool(
            os.environ["BENCH_DATABASE_URL"],
            min_size=16,
            max_size=16,
            connection_class=UnresetConnection,
            server_settings={"timezone": "UTC"},
        )
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    user_id = user_of(scope)
    path = scope["path"]
    if user_id is None:
        await answer(send, 401, b"{}")
    elif scope["method"] == "POST":
        await answer(send, *await add_fill(user_id, await body_of(receive)))
    elif path == "/fills":
        await answer(send, *await read_page(user_id, scope["query_string"]))
    else:
        await answer(send, *await read_fill(user_id, path.removeprefix("/fills/")))
