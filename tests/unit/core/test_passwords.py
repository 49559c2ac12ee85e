"""How passwords are hashed: in a bounded queue, and in one spelling."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from pydantic import SecretStr

from backend.core.errors import TooManyRequests
from backend.core.passwords import PasswordHasher
from backend.core.settings import Settings
from backend.main import create_app
from tests.clients import PASSWORD, Client, new_email, running


@contextmanager
def hasher(threads: int, queue: int) -> Iterator[PasswordHasher]:
    made = PasswordHasher(threads, queue)
    yield made
    made.close()


@pytest.mark.parametrize(("threads", "queue"), [(1, 0), (1, 2), (2, 1)])
def test_as_many_wait_as_the_queue_takes_and_one_more_is_refused(threads: int, queue: int) -> None:
    async def work() -> list[str | BaseException]:
        with hasher(threads, queue) as made:
            tasks = [made.hash(SecretStr(PASSWORD)) for _ in range(threads + queue + 1)]
            found = await asyncio.gather(*tasks, return_exceptions=True)
            # The places are free again.
            assert await made.verify(SecretStr(PASSWORD), await made.hash(SecretStr(PASSWORD)))
            return found

    *hashed, last = asyncio.run(work())
    assert all(isinstance(one, str) for one in hashed)
    assert isinstance(last, TooManyRequests)
    assert last.headers["Retry-After"] == "1"


def test_checks_wait_in_the_same_queue() -> None:
    async def work() -> None:
        with hasher(1, 0) as made:
            hashing = asyncio.create_task(made.hash(SecretStr(PASSWORD)))
            await asyncio.sleep(0)
            with pytest.raises(TooManyRequests):
                await made.verify(SecretStr(PASSWORD), None)
            await hashing

    asyncio.run(work())


@pytest.mark.usefixtures("costly_passwords")
def test_a_flood_of_registrations_is_429_with_retry_after(settings: Settings) -> None:
    settings.password_hash_threads, settings.password_hash_queue = 1, 0
    with running(create_app(settings)) as app, ThreadPoolExecutor(8) as pool:
        visitor = Client(app)

        def register(email: str) -> tuple[int, str | None]:
            answer = visitor.post("/users", json={"email": email, "password": PASSWORD})
            return answer.status_code, answer.headers.get("retry-after")

        answers = set(pool.map(register, [new_email() for _ in range(8)]))
    assert answers == {(201, None), (429, "1")}


@pytest.mark.parametrize(
    ("chosen", "given"),
    [
        ("\N{LATIN SMALL LIGATURE FI}ne weather in June", "fine weather in June"),
        ("cafe\N{COMBINING ACUTE ACCENT} au lait, please", "caf\xe9 au lait, please"),
        ("twelve \N{CIRCLED DIGIT ONE}\N{FULLWIDTH DIGIT TWO} letters", "twelve 12 letters"),
    ],
)
def test_one_password_may_be_typed_in_several_ways(chosen: str, given: str) -> None:
    async def work() -> tuple[bool, bool, bool]:
        with hasher(1, 0) as made:
            kept = made.hash_now(SecretStr(chosen))
            same = await made.verify(SecretStr(given), kept)
            kept = await made.hash(SecretStr(given))
            other_way = await made.verify(SecretStr(chosen), kept)
            return same, other_way, await made.verify(SecretStr(f"{given} "), kept)

    assert asyncio.run(work()) == (True, True, False)


def test_nobodys_password_is_never_right() -> None:
    async def work() -> bool:
        with hasher(1, 0) as made:
            return await made.verify(SecretStr("the password of nobody"), None)

    assert asyncio.run(work()) is False
