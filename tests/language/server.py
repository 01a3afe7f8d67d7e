"""A server of chat completions on loopback that can misbehave in every way a socket allows."""

from __future__ import annotations

import json
import socketserver
import ssl
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Call", "Script", "Server", "Wire", "answer", "forever", "piece", "silence", "stream", "whole"]


@dataclass(frozen=True)
class Call:
    """A request as it arrived; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class Wire:
    """The way back to the client."""

    send: Callable[[bytes], None]
    stopped: threading.Event

    def drip(self, pieces: Iterable[bytes], pause_s: float) -> None:
        """One piece after the other, until the client has gone or the server stops."""
        for data in pieces:
            if self.stopped.wait(pause_s):
                return
            self.send(data)


Script = Callable[[Call, Wire], None]


def answer(body: bytes, status: str = "200 OK", kind: str = "application/json", *headers: str) -> Script:
    """A whole response with an honest length."""
    length = f"Content-Length: {len(body)}"
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", length, "Connection: close", *headers]

    def play(call: Call, wire: Wire) -> None:
        wire.send("\r\n".join(lines).encode() + b"\r\n\r\n")
        wire.send(body)

    return play


def piece(text: object, index: object = 0, finish: str | None = None) -> dict[str, Any]:
    """One event of a streamed chat completion."""
    return {"choices": [{"index": index, "delta": {"content": text}, "finish_reason": finish}]}


def stream(*events: object, done: bool = True, kind: str = "text/event-stream") -> Script:
    """A streamed response that ends with the connection; bytes are sent as they are."""
    lines = [
        event if isinstance(event, bytes) else b"data: " + json.dumps(event).encode() for event in events
    ]
    body = b"\n\n".join([*lines, *([b"data: [DONE]"] if done else [])]) + b"\n\n"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode()
    return lambda call, wire: wire.send(head + body)


def whole(*texts: object, **more: object) -> Script:
    """A chat completion that is not streamed."""
    choices = [{"index": index, "message": {"content": text}} for index, text in enumerate(texts)]
    return answer(json.dumps({"choices": choices, **more}).encode())


@dataclass
class Server:
    """Plays one script for each request; the last one again and again.

    Attributes:
        tls: for https.
        calls: what was asked, in order.
    """

    scripts: tuple[Script, ...]
    tls: ssl.SSLContext | None = None
    calls: list[Call] = field(default_factory=list)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Server:
        self._server = _Sockets(("127.0.0.1", 0), self._handler())
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        scheme = "http" if self.tls is None else "https"
        return f"{scheme}://127.0.0.1:{self._server.server_address[1]}/v1"

    def _handler(self) -> type[socketserver.StreamRequestHandler]:
        server = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                call = _read(self.rfile)
                script = server.scripts[min(len(server.calls), len(server.scripts) - 1)]
                server.calls.append(call)
                script(call, Wire(self.request.sendall, server._stopped))

            def finish(self) -> None:
                self.rfile.close()

        return Handler


class _Sockets(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what most of these tests are about; anything else is a fault of the script."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _read(file: Any) -> Call:
    path = file.readline().split()[1].decode()
    headers: dict[str, str] = {}
    while line := file.readline().strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return Call(path, headers, json.loads(file.read(int(headers["content-length"]))))


def silence(call: Call, wire: Wire) -> None:
    """Says nothing until the server stops."""
    wire.stopped.wait()


def forever(data: bytes) -> Iterable[bytes]:
    while True:
        yield data
