"""The limit of the HTTP server: the same bytes for every request."""

BODY = b'{"status":"ok"}'
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"15")],
}
END = {"type": "http.response.body", "body": BODY}


async def app(scope, _receive, send):
    if scope["type"] == "http":
        await send(START)
        await send(END)
