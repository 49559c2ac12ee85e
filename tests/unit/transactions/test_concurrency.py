"""Sixteen clients of one user at a time: a ledger is never oversold, on both databases."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI
from httpx2 import Response

from tests.clients import Client
from tests.unit.transactions.books import Book, trade

CLIENTS = 16
Request = Callable[[Client], Response]


@pytest.fixture
def at_once(app: FastAPI, alice: Client) -> Callable[[list[Request]], list[Response]]:
    """Sends requests of one user at the same time, each from a client of its own."""

    def run(request: Request) -> Response:
        client = Client(app)
        client.headers["Authorization"] = alice.headers["Authorization"]
        return request(client)

    def all_of(requests: list[Request]) -> list[Response]:
        with ThreadPoolExecutor(len(requests)) as pool:
            return list(pool.map(run, requests))

    return all_of


AtOnce = Callable[[list[Request]], list[Response]]


def statuses(answers: list[Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def test_of_sixteen_sales_of_the_same_shares_one_succeeds(alice: Client, at_once: AtOnce) -> None:
    book = Book(alice)
    book.buy()
    sale = trade("sell", trade_date="2024-01-03")
    answers = at_once([lambda client: client.post(book.rows_path, json=sale)] * CLIENTS)
    assert statuses(answers) == {201: 1, 409: CLIENTS - 1}
    assert book.items("holdings") == []
    assert len(book.rows(include_voided=True)) == 2


def test_a_purchase_is_voided_or_sold_but_not_both(alice: Client, at_once: AtOnce) -> None:
    book = Book(alice)
    path = book.row(book.buy())
    sale = trade("sell", trade_date="2024-01-03")
    both: list[Request] = [
        lambda client: client.post(book.rows_path, json=sale),
        lambda client: client.delete(path),
    ]
    answers = at_once(both * (CLIENTS // 2))
    sold, voided = statuses(answers[::2]), statuses(answers[1::2])
    half = CLIENTS // 2
    if sold[201]:
        assert (sold, voided) == ({201: 1, 409: half - 1}, {409: half})
        assert len(book.rows()) == 2
    else:
        assert (sold, voided) == ({409: half}, {204: 1, 404: half - 1})
        assert book.rows() == []
    assert book.items("holdings") == []


def test_a_purchase_is_made_smaller_or_sold_but_not_both(alice: Client, at_once: AtOnce) -> None:
    book = Book(alice)
    path = book.row(book.buy())
    sale = trade("sell", trade_date="2024-01-03")
    both: list[Request] = [
        lambda client: client.post(book.rows_path, json=sale),
        lambda client: client.patch(path, json={"quantity": "5"}),
    ]
    answers = at_once(both * (CLIENTS // 2))
    sold, changed = statuses(answers[::2]), statuses(answers[1::2])
    assert sold[201] + changed[200] == 1
    assert set(sold) | set(changed) <= {200, 201, 404, 409}
    held = [holding["quantity"] for holding in book.items("holdings")]
    assert held == ([] if sold[201] else ["5"])


def test_a_row_is_edited_once(alice: Client, at_once: AtOnce) -> None:
    book = Book(alice)
    row = book.buy()
    edit = {"quantity": "12"}
    answers = at_once([lambda client: client.patch(book.row(row), json=edit)] * CLIENTS)
    assert statuses(answers) == {200: 1, 404: CLIENTS - 1}
    assert len(book.rows(include_voided=True)) == 2
    (held,) = book.items("holdings")
    assert held["quantity"] == "12"


def test_an_external_id_is_there_once(alice: Client, at_once: AtOnce) -> None:
    book = Book(alice)

    def adding(external_id: str, quantity: int) -> Request:
        fill = trade("buy", external_id=external_id, quantity=str(quantity))
        return lambda client: client.post(book.rows_path, json=fill)

    same = at_once([adding("same", 10)] * CLIENTS)
    assert statuses(same) == {201: 1, 200: CLIENTS - 1}
    assert len({answer.json()["id"] for answer in same}) == 1
    other = at_once([adding("other", number + 1) for number in range(CLIENTS)])
    assert statuses(other) == {201: 1, 409: CLIENTS - 1}
    assert len(book.rows(include_voided=True)) == 2


def test_of_equal_files_one_is_imported(alice: Client, at_once: AtOnce) -> None:
    book = Book(alice)
    file = "type,trade_date,symbol,quantity,price,currency\n" + 3 * "buy,2024-01-02,A,1,5,USD\n"
    path = f"{book.rows_path}/import"
    answers = at_once([lambda client: client.post(path, content=file)] * 4)
    assert statuses(answers) == {200: 4}
    assert sorted(answer.json()["created"] for answer in answers) == [0, 0, 0, 3]
    assert len(book.rows(include_voided=True)) == 3
