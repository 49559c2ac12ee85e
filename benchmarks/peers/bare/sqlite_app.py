"""The limit of Python on SQLite: bare ASGI, the standard library's driver on the event loop.

Each write is committed by itself; it blocks the loop while it waits for the disk.
"""

import os
import sqlite3
from datetime import UTC, datetime
from urllib.parse import parse_qs
from uuid import UUID, uuid4

import orjson
from app import answer, body_of, user_of

# As the peers' files have them: decimals are NUMERIC, instants are text in UTC.
JSON = (
    "json_object('id', substr(id, 1, 8) || '-' || substr(id, 9, 4) || '-' || substr(id, 13, 4) "
    "|| '-' || substr(id, 17, 4) || '-' || substr(id, 21), 'symbol', symbol, 'side', side, "
    "'quantity', printf('%.8f', quantity), 'price', printf('%.8f', price), "
    "'executed_at', replace(executed_at, ' ', 'T') || 'Z', 'external_ref', external_ref, "
    "'created_at', replace(created_at, ' ', 'T') || 'Z', "
    "'updated_at', replace(updated_at, ' ', 'T') || 'Z', 'version', version)"
)
ONE = f"SELECT {JSON} FROM fills WHERE user_id = ? AND id = ?"
PAGE = (
    f"SELECT {JSON}, executed_at, id FROM fills WHERE user_id = ?{{}} "
    "ORDER BY executed_at DESC, id DESC LIMIT ?"
)
FIRST_PAGE = PAGE.format("")
NEXT_PAGE = PAGE.format(" AND (executed_at, id) < (?, ?)")
ADD = (
    "INSERT INTO fills (user_id, id, symbol, side, quantity, price, executed_at, external_ref, "
    f"created_at, updated_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) RETURNING {JSON}"
)


class State:
    connection = None


def read_fill(user_id, fill_id):
    row = State.connection.execute(ONE, (user_id, UUID(fill_id).hex)).fetchone()
    return (404, b"{}") if row is None else (200, row[0].encode())


def read_page(user_id, query):
    sent = parse_qs(query.decode())
    limit = int(sent.get("limit", ["50"])[0])
    if "cursor" in sent:
        last = sent["cursor"][0].split("_")
        rows = State.connection.execute(NEXT_PAGE, (user_id, *last, limit + 1)).fetchall()
    else:
        rows = State.connection.execute(FIRST_PAGE, (user_id, limit + 1)).fetchall()
    cursor = "null"
    if len(rows) > limit:
        rows.pop()
        cursor = f'"{rows[-1][1]}_{rows[-1][2]}"'
    items = ",".join([row[0] for row in rows])
    return 200, f'{{"items":[{items}],"next_cursor":{cursor}}}'.encode()


def add_fill(user_id, body):
    data = orjson.loads(body)
    executed_at = _stored(datetime.fromisoformat(data["executed_at"]))
    now = _stored(datetime.now(UTC))
    row = State.connection.execute(
        ADD,
        (
            user_id,
            uuid4().hex,
            data["symbol"],
            data["side"],
            data["quantity"],
            data["price"],
            executed_at,
            data["external_ref"],
            now,
            now,
        ),
    ).fetchall()
    return 201, row[0][0].encode()


def _stored(instant):
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        path = os.environ["BENCH_DATABASE_URL"].removeprefix("sqlite:///")
        State.connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        State.connection.execute("PRAGMA synchronous=FULL")
        State.connection.execute("PRAGMA foreign_keys=ON")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    user_id = user_of(scope)
    path = scope["path"]
    if user_id is None:
        await answer(send, 401, b"{}")
    elif scope["method"] == "POST":
        await answer(send, *add_fill(user_id.hex, await body_of(receive)))
    elif path == "/fills":
        await answer(send, *read_page(user_id.hex, scope["query_string"]))
    else:
        await answer(send, *read_fill(user_id.hex, path.removeprefix("/fills/")))
