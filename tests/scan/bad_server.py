"""A server that does everything wrong: what the scanners must find, found as they look at ours."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

TOKEN = "example"


class Bad(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        said = urlsplit(self.path)
        self.answer(unquote(said.path), dict(parse_qsl(said.query, keep_blank_values=True)))

    def do_POST(self) -> None:
        self.answer(self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    do_PATCH = do_POST

    def answer(self, path: str, said: dict) -> None:
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            return self.say(401, "application/json", "{}")
        kind, _, name = path.strip("/").partition("/")
        if kind == "page":
            return self.say(200, "text/html", f"<html><body>{said.get('text', '')}</body></html>")
        name = said.get("name", said.get("fields", {}).get("name", name))
        rows = sqlite3.connect(":memory:").execute(f"SELECT '{name}' WHERE 'example' = '{name}'").fetchall()
        return self.say(200, "application/json", json.dumps(rows))

    def say(self, status: int, kind: str, text: str) -> None:
        body = text.encode(errors="replace")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (OSError, ValueError, sqlite3.Error, AttributeError) as error:
            self.close_connection = True
            self.say(500, "text/plain", f"sqlite3.{type(error).__name__}: {error}")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def bad_server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bad)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
