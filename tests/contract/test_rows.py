"""What shared and unversioned rows, search, references and fields with limits answer, exactly."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.contract.forms import Caller, Forms
from tests.contract.wire import Answer

VENUE = {"code": "X", "name": "Main floor", "currency": "CHF", "opens": "09:30:00.100000"}


def sent(
    caller: Caller, method: str, path: str, body: dict[str, Any], **headers: str
) -> tuple[Answer, Any]:
    """The answer, and what its body says."""
    named = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    answer = caller.send(method, path, json.dumps(body).encode(), named)
    return answer, json.loads(answer.body)


def created(caller: Caller, path: str, **values: Any) -> dict[str, Any]:
    """A new row, made on the lane."""
    answer, row = sent(caller, "POST", path, values)
    assert answer.status == 201, answer
    assert answer.by_lane == (path not in ("/cabinets", "/links"))
    assert answer.header("location") == f"{path}/{row['id']}"
    return dict(row)


def pointers(problem: Any) -> list[str]:
    return [fault["pointer"] for fault in problem.get("errors") or []]


def found(caller: Caller, path: str, query: str) -> list[dict[str, Any]]:
    """What a list answers, on the lane."""
    answer = caller.send("GET", path, query=query)
    assert answer.status == 200, answer
    assert answer.by_lane
    return list(json.loads(answer.body)["items"])


def test_every_user_reads_and_writes_a_shared_row(forms: Forms, caller: Caller) -> None:
    venue = created(caller, "/venues", **VENUE)
    path = f"/venues/{venue['id']}"
    other = forms.newcomer("other")
    assert "user_id" not in venue
    assert json.loads(other.send("GET", path).body) == venue
    changed, _ = sent(other, "PATCH", path, {"name": "Hall"})
    assert changed.by_lane
    assert [row["name"] for row in found(caller, "/venues", "")] == ["Hall"]
    clash, problem = sent(other, "POST", "/venues", VENUE)
    assert (clash.status, pointers(problem)) == (409, ["body/code"])
    assert other.send("DELETE", path).by_lane
    assert caller.send("GET", path).status == 404


def test_a_shared_row_is_for_those_who_have_signed_in(forms: Forms, caller: Caller) -> None:
    venue = created(caller, "/venues", **VENUE)
    ended = forms.newcomer("ended", session_life=timedelta(seconds=-1))
    for method in ("GET", "PATCH", "DELETE"):
        body = b'{"name": "Hall"}' if method == "PATCH" else None
        assert ended.send(method, f"/venues/{venue['id']}", body).status == 401
    assert ended.send("GET", "/venues").status == 401
    assert ended.send("POST", "/venues", json.dumps(VENUE).encode()).status == 401


@pytest.mark.parametrize("path", ["/notices", "/ticks"])
def test_a_row_without_a_version_has_no_tag(caller: Caller, path: str) -> None:
    created(caller, "/venues", **VENUE)
    new = {"text": "a"} if path == "/notices" else {"price": "1", "venue_code": "X"}
    change = {"text": "b"} if path == "/notices" else {"price": "2"}
    row = created(caller, path, **new)
    one = f"{path}/{row['id']}"
    assert "version" not in row
    read = caller.send("GET", one, headers=[(b"if-none-match", b"*")])
    assert (read.status, read.by_lane) == (200, True)
    assert b"etag" not in dict(read.headers)
    for condition in ('"x"', f'"{row["id"].replace("-", "")}-1"', "", ",", "W/*"):
        for method, body in (("PATCH", json.dumps(change).encode()), ("DELETE", None)):
            answer = caller.send(method, one, body, [(b"if-match", condition.encode())])
            assert answer.status == 412, (condition, answer)
            assert json.loads(answer.body)["detail"].startswith("The rows here have no versions")
    changed, now = sent(caller, "PATCH", one, change, if_match="*")
    assert changed.status == 200
    assert b"etag" not in dict(changed.headers)
    assert now["updated_at"] > row["updated_at"]
    again, same = sent(caller, "PATCH", one, change)
    assert (again.by_lane, same) == (True, now)
    assert caller.send("DELETE", one, headers=[(b"if-match", b"*")]).status == 204


NAMES = ["Main floor", "100%_\\", "ÄRGER", "Straße", "ΟΔΟΣ και", "ПРИВЕТ", "İzmir", "x'y"]


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("MAIN", ["Main floor"]),
        ("n F", ["Main floor"]),
        ("%", ["100%_\\"]),
        ("_", ["100%_\\"]),
        ("\\", ["100%_\\"]),
        ("0%_\\", ["100%_\\"]),
        ("a%r", []),
        ("ärg", ["ÄRGER"]),
        ("STRAßE", ["Straße"]),
        ("STRASSE", []),
        ("οδοσ", ["ΟΔΟΣ και"]),
        ("ΔΟΣ", ["ΟΔΟΣ και"]),
        ("привет", ["ПРИВЕТ"]),
        ("izmir", ["İzmir"]),
        ("X'Y", ["x'y"]),
        ("'", ["x'y"]),
        ("n", ["Main floor"]),
        ("MAIL@example", ["Main floor"]),
        ("nothing", []),
    ],
)
def test_search_is_in_any_case(caller: Caller, search: str, names: list[str]) -> None:
    for number, name in enumerate(NAMES):
        more = {"contact": "mail@example.com"} if number == 0 else {}
        created(caller, "/venues", **{**VENUE, "code": str(number), "name": name, **more})
    assert [row["name"] for row in found(caller, "/venues", f"search={quote(search)}")] == names


def test_a_search_is_sorted_filtered_and_paged(caller: Caller) -> None:
    for number in range(7):
        currency = "CHF" if number % 2 else "USDT"
        row = {"code": str(number), "name": f"Floor {number}", "currency": currency}
        created(caller, "/venues", **{**VENUE, **row})
    created(caller, "/venues", **{**VENUE, "code": "9", "name": "Hall"})
    codes: list[str] = []
    query = "search=floor&currency=USDT&sort=-code&limit=2&fields=code"
    cursor: str | None = ""
    while cursor is not None:
        answer = caller.send("GET", "/venues", query=query + cursor)
        assert answer.by_lane
        page = json.loads(answer.body)
        codes += [row["code"] for row in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert codes == ["6", "4", "2", "0"]


@pytest.mark.parametrize(
    "text", ["", "%00", "x" * 201, "a&search=b"], ids=["empty", "NUL", "long", "twice"]
)
def test_a_search_is_a_text(caller: Caller, text: str) -> None:
    assert caller.send("GET", "/venues", query=f"search={text}").status == 422


def test_a_list_without_search_refuses_one(caller: Caller) -> None:
    assert caller.send("GET", "/links", query="search=a").status == 422


@pytest.mark.parametrize("column", ["opens", "closes"])
def test_times_are_compared_as_times(caller: Caller, column: str) -> None:
    times = ["00:00:00", "09:30:00", "09:30:00.000001", "09:30:00.1", "23:59:59.999999"]
    for number, time in enumerate(times):
        created(caller, "/venues", **{**VENUE, "code": str(number), column: time})
    order = "&sort=opens" if column == "opens" else ""
    later = found(caller, "/venues", f"{column}__gt=09:30:00{order}")
    assert [row[column] for row in later] == times[2:]
    assert [row[column] for row in found(caller, "/venues", f"{column}=09:30:00.100")] == times[3:4]
    for text in ("9:30", "09:30:00Z", "34200"):
        assert caller.send("GET", "/venues", query=f"{column}={text}").status == 422


def test_a_soft_reference_names_a_row_that_is_there(forms: Forms, caller: Caller) -> None:
    cabinet = created(caller, "/cabinets", name="a")
    venue = created(caller, "/venues", **VENUE)
    strange = created(forms.newcomer("other"), "/cabinets", name="b")
    for values, lost in (
        ({"cabinet_id": str(uuid4())}, ["body/cabinet_id"]),
        ({"cabinet_id": strange["id"]}, ["body/cabinet_id"]),
        ({"cabinet_id": venue["id"], "venue_id": venue["id"]}, ["body/cabinet_id"]),
        (
            {"cabinet_id": strange["id"], "venue_id": cabinet["id"]},
            ["body/cabinet_id", "body/venue_id"],
        ),
    ):
        answer, problem = sent(caller, "POST", "/links", values)
        assert (answer.status, pointers(problem)) == (409, lost)
    link = created(caller, "/links", cabinet_id=cabinet["id"], venue_id=venue["id"])
    path = f"/links/{link['id']}"
    answer, problem = sent(caller, "PATCH", path, {"cabinet_id": strange["id"]})
    assert (answer.status, pointers(problem)) == (409, ["body/cabinet_id"])
    assert sent(caller, "PATCH", path, {"venue_id": None})[1]["venue_id"] is None
    assert caller.send("DELETE", f"/cabinets/{cabinet['id']}").status == 204
    kept = caller.send("GET", path)
    assert (kept.status, kept.by_lane) == (200, True)
    assert json.loads(kept.body)["cabinet_id"] == cabinet["id"]


def test_named_columns_and_what_deletion_does(caller: Caller) -> None:
    venue = created(caller, "/venues", **VENUE)
    other = created(caller, "/venues", **{**VENUE, "code": "Y"})
    memo = created(caller, "/memos", serial="S", title="a")
    new = {"price": "1", "venue_code": "X", "venue_id": other["id"], "memo_serial": "S"}
    tick = created(caller, "/ticks", **new)
    for name, value in (("venue_code", "Z"), ("memo_serial", "Z"), ("venue_id", str(uuid4()))):
        answer, problem = sent(caller, "PATCH", f"/ticks/{tick['id']}", {name: value})
        assert (answer.status, pointers(problem)) == (409, [f"body/{name}"])
    for request in (("DELETE", None), ("PATCH", b'{"code": "Z"}')):
        answer = caller.send(request[0], f"/venues/{venue['id']}", request[1])
        assert (answer.status, json.loads(answer.body)["detail"]) == (
            409,
            "Other rows still refer to this one.",
        )
    assert caller.send("DELETE", f"/venues/{other['id']}").by_lane
    assert json.loads(caller.send("GET", f"/ticks/{tick['id']}").body)["venue_id"] is None
    assert caller.send("DELETE", f"/memos/{memo['id']}").by_lane
    assert caller.send("GET", f"/ticks/{tick['id']}").status == 404


def test_another_users_row_is_not_referred_to(forms: Forms, caller: Caller) -> None:
    created(caller, "/venues", **VENUE)
    created(caller, "/memos", serial="S", title="a")
    new = {"price": "1", "venue_code": "X", "memo_serial": "S"}
    created(caller, "/ticks", **new)
    assert sent(forms.newcomer("other"), "POST", "/ticks", new)[0].status == 409


def test_what_a_client_may_not_write_or_read(caller: Caller) -> None:
    memo = created(caller, "/memos", serial="S", title="a", pin="1234", seal="AAEC/w==")
    assert (memo["stars"], memo["state"]) == (3, None)
    path = f"/memos/{memo['id']}"
    new = {"serial": "T", "title": "b"}
    for body in ({"serial": "T"}, {"stars": 5}, {"state": "new"}):
        assert sent(caller, "PATCH", path, body)[0].status == 422
        status = 201 if body == {"serial": "T"} else 422
        assert sent(caller, "POST", "/memos", {**new, **body})[0].status == status
    changed, now = sent(caller, "PATCH", path, {"pin": "4321", "seal": None})
    assert changed.by_lane
    assert now["version"] == 2
    same, _ = sent(caller, "PATCH", path, {"pin": "4321", "seal": None})
    assert same.header("etag") == changed.header("etag")
    for query in (
        "pin=4321",
        "pin__ne=1",
        "sort=pin",
        "fields=pin",
        "seal=AAEC/w==",
        "fields=seal",
    ):
        assert caller.send("GET", "/memos", query=query).status == 422
    assert found(caller, "/memos", "search=4321") == []
    for answer in (changed, caller.send("GET", path), caller.send("GET", "/memos")):
        assert not {b"pin", b"seal"}.intersection(answer.body.split(b'"'))


@pytest.mark.parametrize("seal", ["AAEC/x==", "AAEC_w==", "AAEC/w", "AAEC\n/w==", "A" * 92, 5, "é"])
def test_bytes_are_standard_base64(caller: Caller, seal: object) -> None:
    body = {"serial": "S", "title": "a", "seal": seal}
    assert sent(caller, "POST", "/memos", body)[0].status == 422


def test_bytes_are_answered_as_they_were_sent(caller: Caller) -> None:
    for number, photo in enumerate(["", "AA==", "AAE=", "AAEC", "/+8=", "A" * 87_380]):
        cabinet = created(caller, "/cabinets", name=str(number), photo=photo)
        assert cabinet["photo"] == photo
    too_long = {"name": "x", "photo": "A" * 87_388}
    assert sent(caller, "POST", "/cabinets", too_long)[0].status == 422


def test_the_document_describes_all_of_it(forms: Forms) -> None:
    document = forms.lane.openapi()
    lists = document["paths"]["/venues"]["get"]["parameters"]
    (search,) = [one for one in lists if one["name"] == "search"]
    assert search["schema"] == {"type": "string", "minLength": 1, "maxLength": 200}
    assert search["description"] == "Contained in `name` or `contact` or `website`, in any case."
    (opens,) = [one for one in lists if one["name"] == "opens__lt"]
    assert opens["schema"]["format"] == "time-local"
    schemas = document["components"]["schemas"]
    fields = schemas["VenueCreate"]["properties"]
    kinds = {name: fields[name]["anyOf"][0]["format"] for name in ("closes", "contact", "website")}
    assert kinds == {"closes": "time-local", "contact": "email", "website": "uri"}
    seal = schemas["MemoCreate"]["properties"]["seal"]["anyOf"][0]
    assert (seal["contentEncoding"], seal["maxLength"]) == ("base64", 88)
    assert not {"pin", "seal"}.intersection(schemas["MemoRead"]["properties"])
    tick = document["paths"]["/ticks/{tick_id}"]
    assert "headers" not in tick["get"]["responses"]["200"]
    assert "304" not in tick["get"]["responses"]
    assert "412" in tick["patch"]["responses"]
    assert "ETag" in document["paths"]["/venues/{venue_id}"]["get"]["responses"]["200"]["headers"]
    assert not any(
        one["name"] == "search" for one in document["paths"]["/links"]["get"]["parameters"]
    )
