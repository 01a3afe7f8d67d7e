"""HTTP that reads no longer and no more than it was told, whatever the server does.

The limits stand at the socket, below headers, chunks and encodings: nothing that a server sends gets around them.
The modules of the `llm` extra are imported here, so import this one when a server is asked and not before.
"""

from __future__ import annotations

import contextlib
import math
import ssl
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import httpcore2
import httpx2

from neurosym.language.noreply import NoReplyError

__all__ = ["Allowance", "BoundedTransport"]

# Of the socket, read at once: what is in it may be many small events, and the clock is not looked at before the next.
_PIECE = 16_384


class Allowance:
    """The seconds and the bytes that are left for one request.

    Args:
        deadline: on the clock of `time.monotonic`.
        most_bytes: from the server, headers included.
    """

    def __init__(self, deadline: float, most_bytes: int) -> None:
        self._deadline, self._most_bytes, self._left_bytes = deadline, most_bytes, most_bytes

    def wait(self, timeout: float | None) -> float:
        """The seconds to wait for one thing: `timeout`, or less where the deadline is nearer."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise NoReplyError("gave no whole reply in the time for one question")
        return min(left, math.inf if timeout is None else timeout)

    def take(self, data: bytes) -> bytes:
        """`data`, counted."""
        self._left_bytes -= len(data)
        if self._left_bytes < 0:
            raise NoReplyError(f"sent more than {self._most_bytes} bytes, far more than was asked for")
        return data


class _Stream(httpcore2.NetworkStream):
    """A connection that keeps to an allowance."""

    def __init__(self, stream: httpcore2.NetworkStream, allowance: Allowance) -> None:
        self._stream, self._allowance = stream, allowance

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return self._allowance.take(
                self._stream.read(min(max_bytes, _PIECE), self._allowance.wait(timeout))
            )
        except httpcore2.ReadTimeout:
            self._allowance.wait(timeout)  # was it this silence, or the end of the whole question?
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._allowance.wait(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, self._allowance.wait(timeout))
        return _Stream(inner, self._allowance)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Network(httpcore2.NetworkBackend):
    """Connections that keep to one allowance."""

    def __init__(self, allowance: Allowance) -> None:
        self._network, self._allowance = httpcore2.SyncBackend(), allowance

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore2.NetworkStream:
        stream = self._network.connect_tcp(host, port, self._allowance.wait(timeout), *args, **kwargs)
        return _Stream(stream, self._allowance)


class BoundedTransport(httpx2.BaseTransport):
    """Requests to one address, within one allowance; what goes wrong is told as `NoReplyError`.

    Args:
        url: of the server; a proxy that the environment names for it is used.
        ssl_context: for https.
    """

    def __init__(self, url: str, allowance: Allowance, ssl_context: ssl.SSLContext | None = None) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=ssl_context, proxy=_proxy_for(url), network_backend=_Network(allowance)
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        assert isinstance(request.stream, httpx2.SyncByteStream)
        asked = httpcore2.Request(
            request.method,
            httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _without_httpcore():
            told = self._pool.handle_request(asked)
        stream = _Body(told)
        response = httpx2.Response(told.status, headers=told.headers, stream=stream)
        encoding = response.headers.get("content-encoding", "identity")
        if encoding.lower() != "identity":
            stream.close()
            raise NoReplyError(f"sent its reply compressed ({encoding}) though it was asked for plain text")
        return response

    def close(self) -> None:
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    """The body of a response as it arrives."""

    def __init__(self, response: httpcore2.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _without_httpcore():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


def _proxy_for(url: str) -> httpcore2.Proxy | None:
    """The proxy that the environment names for this address."""
    parts = urllib.parse.urlsplit(url)
    named = urllib.request.getproxies().get(parts.scheme)
    if named is None or urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    proxy = urllib.parse.urlsplit(named if "://" in named else f"http://{named}")
    address = f"{proxy.scheme}://{proxy.hostname}:{proxy.port or 80}"
    auth = (
        (urllib.parse.unquote(proxy.username), urllib.parse.unquote(proxy.password or ""))
        if proxy.username
        else None
    )
    return httpcore2.Proxy(address, auth=auth)


@contextlib.contextmanager
def _without_httpcore() -> Iterator[None]:
    try:
        yield
    except httpcore2.ConnectTimeout:
        raise NoReplyError("takes no connection in time; is the address right?", passing=True) from None
    except httpcore2.TimeoutException:
        raise NoReplyError("fell silent", passing=True) from None
    except httpcore2.ConnectError as error:
        raise NoReplyError(
            f"cannot be reached ({error}); is it running, is the address right?", passing=True
        ) from None
    except httpcore2.NetworkError as error:
        raise NoReplyError(f"broke the connection ({error})", passing=True) from None
    except httpcore2.ProtocolError as error:
        raise NoReplyError(f"does not keep to HTTP, or left half-way ({error})", passing=True) from None
    except (httpcore2.ProxyError, httpcore2.UnsupportedProtocol) as error:
        raise NoReplyError(f"cannot be reached ({error})") from None
