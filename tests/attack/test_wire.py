"""Messages whose end could be seen in two places, odd methods and hosts: one reading of each, or none."""

from __future__ import annotations

import pytest
from installation import Site
from wire import Heard, send

BODY = '{"q":"示例"}'.encode()
SIZE = len(BODY)
CHUNK = b"%x\r\n%s\r\n0\r\n\r\n" % (SIZE, BODY)
CLOSE = "Connection: close\r\n"
# What somebody else's request would be taken for, if a message ended too early; it ends the connection.
HIDDEN = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def post(site: Site, heads: str, body: bytes, version: str = "1.1") -> Heard:
    host = site.served.base.removeprefix("http://")
    token = site.callers["CDE"].token
    fixed = f"Host: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
    head = f"POST /v1/search HTTP/{version}\r\n{fixed}{heads}\r\n".encode("latin-1")
    return send(site.served.base, head + body)


def test_one_message_is_answered_once(site):
    """What the others are compared with."""
    for heads, body in ((f"Content-Length: {SIZE}\r\n", BODY), ("Transfer-Encoding: chunked\r\n", CHUNK)):
        heard = post(site, heads, body + HIDDEN)
        assert heard.statuses == [200, 200], heads


@pytest.mark.parametrize(
    "heads",
    [
        f"Content-Length: {SIZE}\r\nTransfer-Encoding: chunked\r\n",
        f"Transfer-Encoding: chunked\r\nContent-Length: {SIZE}\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        f"Transfer-Encoding: chunked\r\nContent-Length: {len(CHUNK) + len(HIDDEN)}\r\n",
    ],
)
def test_with_a_length_and_chunks_the_chunks_count_and_nothing_after_them_is_read(site, heads):
    heard = post(site, heads, CHUNK + HIDDEN)
    assert heard.statuses == [200]


@pytest.mark.parametrize(
    "heads",
    [
        f"Content-Length: {SIZE}\r\nContent-Length: 5\r\n",
        f"Content-Length: {SIZE}, {SIZE}\r\n",
        f"Content-Length: +{SIZE}\r\n",
        f"Content-Length: 0x{SIZE:x}\r\n",
        "Content-Length: -1\r\n",
        f"Content-Length : {SIZE}\r\n",
        f"Content-Length: {SIZE}\x0b\r\n",
        "Content-Length: 18446744073709551617\r\n",
        "Transfer-Encoding: xchunked\r\n",
        f"Transfer-Encoding: identity\r\nContent-Length: {SIZE}\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: \x0bchunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
        "X: a\rTransfer-Encoding: chunked\r\n",
        f"X: a\0b\r\nContent-Length: {SIZE}\r\n",
    ],
)
def test_a_length_that_can_be_read_in_two_ways_is_refused(site, heads):
    heard = post(site, heads, CHUNK + HIDDEN)
    assert heard.statuses == [400]


def test_chunks_of_http_1_0_are_refused(site):
    heard = post(site, "Transfer-Encoding: chunked\r\n", CHUNK + HIDDEN, version="1.0")
    assert heard.statuses == [400]


@pytest.mark.parametrize(
    "chunks",
    [
        CHUNK.replace(b"\r\n", b"\n"),
        b"%x;a\nb\r\n%s\r\n0\r\n\r\n" % (SIZE, BODY),
        b"+%x\r\n%s\r\n0\r\n\r\n" % (SIZE, BODY),
        b"FFFFFFFFFFFFFFFFF\r\n%s\r\n0\r\n\r\n" % BODY,
        b"%x\r\n%sXX0\r\n\r\n" % (SIZE, BODY),
    ],
)
def test_chunks_that_are_no_chunks_end_the_connection(site, chunks):
    heard = post(site, "Transfer-Encoding: chunked\r\n", chunks + HIDDEN)
    assert heard.statuses == [400]


def test_what_comes_behind_the_chunks_is_no_header(site):
    """A token among the trailers signs nobody in, and takes nobody's place."""
    token = site.callers["CDO"].token
    host = site.served.base.removeprefix("http://")
    trailer = CHUNK.removesuffix(b"\r\n") + f"Authorization: Bearer {token}\r\n\r\n".encode()
    heads = f"Host: {host}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    head = f"POST /v1/search HTTP/1.1\r\n{heads}\r\n"
    assert send(site.served.base, head.encode() + trailer + HIDDEN).statuses == [401]


@pytest.mark.parametrize(
    ("sent", "status"), [("no HTTP at all\r\n\r\n", 400), (f"GET / HTTP/1.1\r\nX: {'a' * 100_000}\r\n\r\n", 431)]
)
def test_what_is_no_http_is_answered_without_a_body_and_cut(site, sent, status):
    """Nothing that a browser could take for something else, or show in a frame."""
    heard = send(site.served.base, sent.encode())
    head, _, body = heard.bytes.partition(b"\r\n\r\n")
    assert heard.statuses == [status] and b"content-length: 0" in head.lower() and not body


def test_a_body_that_nobody_asked_for_is_not_the_next_request(site):
    token = site.callers["CDO"].token
    head = (
        f"GET /v1/teams HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {len(HIDDEN)}\r\n\r\n"
    )
    assert send(site.served.base, head.encode() + HIDDEN).statuses == [200]


def test_requests_one_behind_the_other_are_each_answered(site):
    going_on = HIDDEN.replace(b"Connection: close\r\n", b"")
    assert send(site.served.base, going_on * 2 + HIDDEN).statuses == [200, 200, 200]


@pytest.mark.parametrize(
    "line",
    ["GET /healthz", "GET /healthz HTTP/2.0", "GET /healthz HTTP/1.2", "GET  /healthz HTTP/1.1", "PRI * HTTP/2.0"],
)
def test_another_protocol_is_not_spoken(site, line):
    heard = send(site.served.base, f"{line}\r\nHost: x\r\n\r\nSM\r\n\r\n".encode())
    assert heard.statuses in ([], [400])


@pytest.mark.parametrize("protocol", ["h2c", "websocket", "TLS/1.0", "HTTP/2.0"])
def test_a_connection_stays_what_it_is(site, protocol):
    """No upgrade: what follows is the next request of HTTP/1.1."""
    asked = f"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: {protocol}\r\nHTTP2-Settings: AAMAAABk\r\n"
    websocket = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
    first = f"GET /healthz HTTP/1.1\r\nHost: x\r\n{asked}{websocket}\r\n"
    heard = send(site.served.base, first.encode() + HIDDEN)
    assert heard.statuses == [200, 200] and b" 101 " not in heard.bytes


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "TRACK", "DEBUG", "PROPFIND", "get", "OPTIONS", "PUT"])
@pytest.mark.parametrize("target", ["/v1/teams", "/healthz", "/", "*"])
def test_other_methods_do_nothing_and_repeat_nothing(site, method, target):
    token = site.callers["CDO"].token
    head = (
        f"{method} {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nX-Echo: planted-echo\r\n{CLOSE}\r\n"
    )
    heard = send(site.served.base, head.encode())
    assert heard.statuses in ([404], [405], [400]), heard.bytes
    assert b"planted-echo" not in heard.bytes and token.encode() not in heard.bytes


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"])
def test_no_header_and_no_parameter_makes_another_method_of_it(site, name):
    boss = site.callers["CDO"]
    client = site.boss("POST", "/v1/clients", json={"name": f"kept {name}", "roles": ["CDU"]})["client_id"]
    for sent in ({"headers": {name: "DELETE"}}, {"params": {name: "DELETE"}}):
        assert site.send(boss, "POST", f"/v1/clients/{client}", **sent).status_code == 405
    there = next(one for one in site.boss("GET", "/v1/clients")["items"] if one["client_id"] == client)
    assert there["disabled"] is False


@pytest.mark.parametrize("target", ["/v1/keys", "http://evil.example.com/v1/keys", "//evil.example.com/v1/keys"])
@pytest.mark.parametrize("host", ["evil.example.com", "evil.example.com:1@x", 'x"><script>'])
def test_a_host_that_the_caller_makes_up_comes_back_nowhere(site, target, host):
    token = site.callers["CDO"].token
    forwarded = "".join(
        f"{name}: evil.example.com\r\n" for name in ("X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL")
    )
    head = f"GET {target} HTTP/1.1\r\nHost: {host}\r\n{forwarded}Authorization: Bearer {token}\r\n{CLOSE}\r\n"
    heard = send(site.served.base, head.encode())
    assert len(heard.statuses) == 1 and b"evil.example.com" not in heard.bytes and b"<script>" not in heard.bytes


@pytest.mark.parametrize("hosts", ["", "Host: a\r\nHost: b\r\n"])
def test_a_request_to_no_host_or_to_two_is_refused(site, hosts):
    """RFC 9112 §3.2."""
    heard = send(site.served.base, f"GET /healthz HTTP/1.1\r\n{hosts}{CLOSE}\r\n".encode())
    assert heard.statuses == [400]
