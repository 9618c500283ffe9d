"""The report, live: the same page as the HTML file, renewed by server-sent events. It only shows; nothing can be changed through it."""

from __future__ import annotations

import asyncio
import hmac
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from ipaddress import ip_address
from threading import Thread
from typing import Any

import uvicorn
from attrs import frozen
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from iacdrift.errors import UsageError
from iacdrift.outputs.html import Link, policy, render_body, render_page
from iacdrift.watch.board import Board, Shown

Scope = MutableMapping[str, Any]
Handler = Callable[[Scope, Any, Any], Awaitable[None]]

_POLL, _HEARTBEAT, _LISTENERS = 0.25, 15.0, 100
_COOKIE = "iacdrift_token"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": policy(live=True) + "; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_WAITING = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<title>iacdrift</title><h1>No report yet</h1><p>The first look is under way; this page asks again.</p></html>"""


@frozen(slots=True)
class Place:
    """Where it listens. `names`: what a Host header may say; `token`: without it nothing is shown, None on loopback."""

    address: str
    port: int
    names: frozenset[str]
    token: str | None = None

    @classmethod
    def of(cls, text: str, hosts: tuple[str, ...] = (), token: str | None = None) -> Place:
        """From `ADDRESS:PORT`. UsageError where it is none, or others could reach it without a token."""
        address, colon, port = text.rpartition(":")
        bare = address.strip("[]")
        try:
            found = ip_address("127.0.0.1" if bare == "localhost" else bare)
            number = int(port)
            if not colon or not 0 <= number <= 65535:
                raise ValueError(text)
        except ValueError:
            raise UsageError(f"--serve {text}: give an address and a port, such as 127.0.0.1:8765 or [::1]:8765") from None
        if not found.is_loopback and not token:
            raise UsageError(
                f"--serve {text}: others could reach that: give a token by token_env or token_file in [watch], or --token-file"
            )
        names = {name.lower() for name in hosts} | {str(found)} | ({"localhost", "127.0.0.1", "::1"} if found.is_loopback else set())
        return cls(str(found), number, frozenset(names), token)


def page(board: Board, place: Place) -> Handler:
    """The application: `/` is the first target, `/targets/NAME/` each of them, with `body` and `events` below it."""
    pages = _Pages(board)
    answers = {"": pages.whole, "body": pages.body, "events": pages.events}
    routes = [Route("/", pages.front), *(Route(f"/targets/{{name}}/{what}", answer) for what, answer in answers.items())]
    return guarded(Starlette(routes=routes), place)


class _Pages:
    """What is answered; a target that there isn't is 404."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._listeners = 0

    async def front(self, _: Request) -> Response:
        return RedirectResponse(f"targets/{self._board.names[0]}/", status_code=307)

    async def whole(self, request: Request) -> Response:
        here, shown = self._asked(request)
        if shown.report is None:
            return HTMLResponse(_WAITING)
        names = self._board.names
        links = tuple(Link(name, f"../{name}/", current=name == here) for name in names) if len(names) > 1 else ()
        return HTMLResponse(await run_in_threadpool(render_page, shown.report, live=True, past=shown.past, links=links))

    async def body(self, request: Request) -> Response:
        _, shown = self._asked(request)
        if shown.report is None:
            return PlainTextResponse("no report yet", status_code=404)
        return HTMLResponse(await run_in_threadpool(render_body, shown.report, past=shown.past))

    async def events(self, request: Request) -> Response:
        self._asked(request)
        if self._listeners >= _LISTENERS:
            return PlainTextResponse("too many listen already", status_code=503)
        return StreamingResponse(self._stream(request), media_type="text/event-stream")

    async def _stream(self, request: Request) -> AsyncIterator[str]:
        self._listeners += 1
        name, _ = self._asked(request)
        # Whoever comes back after a break names what it saw last, and misses nothing.
        last = request.headers.get("last-event-id", "")
        seen, idle = int(last) if last.isdecimal() else self._board.of(name).version, 0.0
        try:
            yield "retry: 2000\n\n"
            while not await request.is_disconnected():
                version = self._board.of(name).version
                if version != seen:
                    seen, idle = version, 0.0
                    yield f"id: {version}\nevent: report\ndata: {version}\n\n"
                elif idle >= _HEARTBEAT:
                    idle = 0.0
                    yield ": still here\n\n"
                await asyncio.sleep(_POLL)
                idle += _POLL
        finally:
            self._listeners -= 1

    def _asked(self, request: Request) -> tuple[str, Shown]:
        name = str(request.path_params["name"])
        if name not in self._board.names:
            raise HTTPException(404, "no such target")
        return name, self._board.of(name)


def guarded(application: Handler, place: Place) -> Handler:
    """Lets through only reading requests, to a name of this place (against DNS rebinding), with the token where there is one."""

    async def answer(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await application(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        refusal = _refusal(request, place)

        async def with_headers(message: Scope) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *((key.lower().encode(), value.encode()) for key, value in _HEADERS.items())]
            await send(message)

        await (refusal or application)(scope, receive, with_headers)

    return answer


def _refusal(request: Request, place: Place) -> Response | None:
    if request.method not in ("GET", "HEAD"):
        return PlainTextResponse("this page is only to be read", status_code=405, headers={"Allow": "GET, HEAD"})
    if _host(request.headers.get("host", "")) not in place.names:
        return PlainTextResponse("this isn't a name of this watch; [watch] hosts adds one", status_code=421)
    if place.token is None:
        return None
    shown = request.query_params.get("token")
    if shown is not None and _same(shown, place.token):
        # Out of the address, which ends in logs and histories, into a cookie.
        answer = RedirectResponse(request.url.path, status_code=303)
        answer.set_cookie(_COOKIE, place.token, httponly=True, samesite="strict", path="/")
        return answer
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    if _same(bearer, place.token) or _same(request.cookies.get(_COOKIE, ""), place.token):
        return None
    return PlainTextResponse(
        "a token is needed: Authorization: Bearer …, or ?token=…", status_code=401, headers={"WWW-Authenticate": "Bearer"}
    )


def _host(header: str) -> str:
    """The name in a Host header, without its port."""
    name = header.rpartition(":")[0] if header.rpartition(":")[2].isdecimal() else header
    return name.strip("[]").lower()


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


class Server:
    """Serves the page in a thread of its own, between `start` and `stop`; `port` is the one it got."""

    def __init__(self, board: Board, place: Place) -> None:
        config = uvicorn.Config(
            page(board, place),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
            limit_concurrency=_LISTENERS * 2,
        )
        self._place, self._server = place, uvicorn.Server(config)
        self._socket = self._bound()
        self._thread = Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, name="page", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens; another one than asked for where that was 0."""
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        """Answers from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Ends it within a few seconds, whoever is listening."""
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join(10)
        self._socket.close()

    def _bound(self) -> socket.socket:
        try:
            family = socket.AF_INET6 if ":" in self._place.address else socket.AF_INET
            return socket.create_server((self._place.address, self._place.port), family=family)
        except OSError as error:
            raise UsageError(f"--serve {self._place.address}:{self._place.port} can't be had: {error.strerror}") from None
