"""What is sent byte by byte, as no client would, and what comes back."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass

ANSWER = re.compile(rb"HTTP/1\.[01] (\d{3})[^\r\n]*\r\n(.*?)\r\n\r\n", re.S)
PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Heard:
    """All that came on one connection until the server ended it."""

    bytes: bytes

    @property
    def statuses(self) -> list[int]:
        """Of the answers, without interim ones; no body that is asked for here has a line like the first of one."""
        return [int(status) for status, _ in ANSWER.findall(self.bytes) if status[0:1] != b"1"]


def send(base: str, data: bytes) -> Heard:
    """Sends it on a connection of its own, and listens until the server ends that, asked to or by itself."""
    host, port = base.removeprefix("http://").split(":")
    heard = b""
    with socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS) as line:
        line.sendall(data)
        try:
            while part := line.recv(65536):
                heard += part
        except ConnectionResetError:
            pass
    return Heard(heard)
