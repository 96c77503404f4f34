"""Frames of HTTP/2 made by hand: a message whose lengths disagree, or with what only HTTP/1.1 has, is none."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import pytest
from installation import OPEN_LIMITS, OWN, prepare

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
DATA, HEADERS, RESET, SETTINGS, GOAWAY = 0, 1, 3, 4, 7
END_STREAM, END_HEADERS = 1, 4
PATIENCE_SECONDS = 20


def text(value: bytes) -> bytes:
    """A string of HPACK (RFC 7541 §5.2), as it is; none here is longer than 126 bytes."""
    assert len(value) < 127
    return bytes([len(value)]) + value


def frame(kind: int, flags: int, stream: int, body: bytes = b"") -> bytes:
    return len(body).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + body


def heads(fields: list[tuple[bytes, bytes]]) -> bytes:
    """Each field literally and without indexing (RFC 7541 §6.2.2)."""
    return b"".join(b"\0" + text(name) + text(value) for name, value in fields)


class Line:
    """A connection of HTTP/2 with one request on it."""

    def __init__(self, port: int):
        context = ssl._create_unverified_context()
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
        self.line = context.wrap_socket(plain)
        assert self.line.selected_alpn_protocol() == "h2"
        self.line.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0))
        self.held = b""

    def frames(self) -> Iterator[tuple[int, int, int, bytes]]:
        while True:
            while len(self.held) < 9 or len(self.held) < 9 + int.from_bytes(self.held[:3], "big"):
                part = self.line.recv(65536)
                if not part:
                    return
                self.held += part
            size = int.from_bytes(self.held[:3], "big")
            kind, flags = self.held[3:5]
            yield kind, flags, int.from_bytes(self.held[5:9], "big"), self.held[9 : 9 + size]
            self.held = self.held[9 + size :]

    def ask(self, fields: list[tuple[bytes, bytes]], body: bytes) -> bytes | None:
        """The body of the answer; none when the stream or the connection is reset."""
        sent = frame(HEADERS, END_HEADERS, 1, heads(fields)) + frame(DATA, END_STREAM, 1, body)
        self.line.sendall(sent)
        answer = b""
        for kind, flags, stream, content in self.frames():
            if kind == GOAWAY or (kind == RESET and stream == 1):
                return None
            if stream == 1 and kind == DATA:
                answer += content
            if stream == 1 and kind in (DATA, HEADERS) and flags & END_STREAM:
                return answer
        return None


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, bytes]]:
    """Where a server with TLS listens, and a form that gets a token there."""
    install = prepare(tmp_path_factory.mktemp("h2"))
    install.run("team", "add", OWN)
    client = install.client("caller", "CDE")
    form = f"grant_type=client_credentials&client_id={client['client_id']}&client_secret={client['client_secret']}"
    with install.serve(server__self_signed="true", **OPEN_LIMITS) as served:
        yield int(served.base.rsplit(":", 1)[1]), form.encode()


def fields(port: int, *more: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    authority = f"127.0.0.1:{port}".encode()
    first = [(b":method", b"POST"), (b":scheme", b"https"), (b":authority", authority), (b":path", b"/oauth/token")]
    return [*first, (b"content-type", b"application/x-www-form-urlencoded"), *more]


def test_a_message_whose_lengths_agree_is_answered(place):
    """What the others are compared with."""
    port, form = place
    for more in ([], [(b"content-length", str(len(form)).encode())]):
        answer = Line(port).ask(fields(port, *more), form)
        assert answer and b"access_token" in answer


@pytest.mark.parametrize(
    "more",
    [
        (b"content-length", b"5"),
        (b"content-length", b"100000"),
        (b"content-length", b"0"),
        (b"content-length", b"+5"),
        (b"transfer-encoding", b"chunked"),
        (b"connection", b"close"),
        (b"X-Upper", b"a"),
        (b"x-lines", b"a\r\nTransfer-Encoding: chunked"),
        (b"x-nothing", b"a\0b"),
        (b":path", b"/v1/teams"),
        (b":unknown", b"a"),
        (b"te", b"chunked"),
    ],
)
def test_a_message_that_another_reader_would_see_otherwise_is_none(place, more):
    port, form = place
    answer = Line(port).ask(fields(port, more), form)
    assert answer is None or b"access_token" not in answer


def test_two_lengths_are_none(place):
    port, form = place
    size = str(len(form)).encode()
    answer = Line(port).ask(fields(port, (b"content-length", size), (b"content-length", b"5")), form)
    assert answer is None or b"access_token" not in answer
