"""A query of any length is answered with a documented status, alike in both forms."""

from tests.contract.callers import JSON, PATH, created
from tests.contract.forms import Caller

ONE = PATH + "/{fill_id}"
PARAMETERS = ("symbol", "symbol__in", "external_ref", "search", "sort", "fields", "cursor")
LENGTH = 1 << 16


def test_a_long_query(caller: Caller) -> None:
    paths = caller.forms.plain.openapi()["paths"]
    row, _ = created(caller)
    requests: list[tuple[str, str, str, bytes | None, str]] = [
        ("GET", PATH, PATH, None, f"{name}=".ljust(LENGTH, "x")) for name in PARAMETERS
    ]
    requests += [
        (method, path, template, body, query)
        for method, path, template, body in (
            ("GET", PATH, PATH, None),
            ("POST", PATH, PATH, JSON),
            ("GET", row, ONE, None),
            ("PATCH", row, ONE, b"{}"),
            ("DELETE", row, ONE, None),
            ("GET", "/users/me", "/users/me", None),
        )
        for query in ("unknown=".ljust(LENGTH, "x"), "x&" * (LENGTH // 2))
    ]
    requests.append(("GET", PATH, PATH, None, "symbol=".ljust(1 << 20, "x")))
    for method, path, template, body, query in requests:
        answer = caller.send(method, path, body, query=query)
        documented = paths[template][method.lower()]["responses"]
        assert str(answer.status) in documented, (method, path, query[:20])
