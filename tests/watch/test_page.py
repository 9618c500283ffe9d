"""The live page: who may read it, what it refuses, and in a real browser that a change arrives without a reload."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from attrs import evolve

from iacdrift.errors import UsageError
from iacdrift.watch.board import Board
from iacdrift.watch.page import Place, Server, page
from tests.alerts.scenes import scanned
from tests.needs import missing, needs

LOOPBACK = Place.of("127.0.0.1:0")
GUARDED = Place.of("192.0.2.1:80", ("watch.example.com",), "tok3n")


def board() -> Board:
    made = Board(("shop", "bank"))
    made.put("shop", scanned((8080,)), ())
    return made


def ask(path: str, *, place: Place = LOOPBACK, host: str = "127.0.0.1:8765", method: str = "GET", **headers: str) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(app=page(board(), place))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, headers={"Host": host, **headers})

    return asyncio.run(once())


def test_the_page_is_the_report_of_each_target_with_links_to_the_others() -> None:
    assert ask("/").headers["location"] == "targets/shop/"
    shown = ask("/targets/shop/")
    assert shown.status_code == 200
    assert "8080" in shown.text
    assert "../bank/" in shown.text
    assert "8080" in ask("/targets/shop/body").text
    assert "No report yet" in ask("/targets/bank/").text
    assert ask("/targets/bank/body").status_code == 404
    assert ask("/targets/nobody/").status_code == 404
    assert ask("/targets/nobody/events").status_code == 404


@pytest.mark.parametrize("host", ["evil.example.com", "evil.example.com:8765", "127.0.0.1.evil.example.com", "", "192.0.2.1"])
def test_another_name_in_the_host_header_is_refused(host: str) -> None:
    assert ask("/targets/shop/", host=host).status_code == 421


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1", "[::1]:8765", "LOCALHOST"])
def test_the_names_of_loopback_are_taken(host: str) -> None:
    assert ask("/targets/shop/", host=host).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_nothing_but_reading(method: str) -> None:
    assert ask("/targets/shop/", method=method).status_code == 405


def test_every_answer_has_the_headers_that_keep_it_to_itself() -> None:
    for answer in (ask("/targets/shop/"), ask("/nowhere"), ask("/", host="evil")):
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("text", ["0.0.0.0:8765", "192.0.2.1:80", "[::]:80", "10.0.0.1:1"])
def test_a_place_that_others_reach_needs_a_token(text: str) -> None:
    with pytest.raises(UsageError, match="give a token"):
        Place.of(text)
    assert Place.of(text, (), "x").token == "x"


@pytest.mark.parametrize("text", ["8765", "somewhere:80", "127.0.0.1:http", "127.0.0.1:99999", ""])
def test_a_place_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="give an address and a port"):
        Place.of(text)


def test_the_token_is_asked_for_and_moves_from_the_address_into_a_cookie() -> None:
    def guarded(path: str, **headers: str) -> httpx.Response:
        return ask(path, place=GUARDED, host="watch.example.com", **headers)

    for path in ("/", "/targets/shop/", "/targets/shop/body", "/targets/shop/events"):
        assert guarded(path).status_code == 401
    assert guarded("/targets/shop/?token=wrong").status_code == 401
    assert guarded("/targets/shop/", Authorization="Bearer tok3n").status_code == 200
    moved = guarded("/targets/shop/?token=tok3n")
    assert (moved.status_code, moved.headers["location"]) == (303, "/targets/shop/")
    assert "HttpOnly" in moved.headers["set-cookie"]
    assert "samesite=strict" in moved.headers["set-cookie"].lower()
    assert guarded("/targets/shop/", Cookie=moved.headers["set-cookie"].split(";")[0]).status_code == 200


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if missing("chromium"):
        yield None
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Tests run as root in containers, where Chromium's own sandbox can't.
        running = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield running
        running.close()


def until(window: Any, true: str) -> None:
    """Asks again and again from outside: the page's own policy lets no text be evaluated inside."""
    for _ in range(300):
        if window.evaluate(true):
            return
        window.wait_for_timeout(100)
    raise AssertionError(f"never: {true}")


@needs("chromium")
def test_a_change_arrives_in_the_browser_without_a_reload(browser: Any) -> None:
    shown = board()
    server = Server(shown, LOOPBACK)
    server.start()
    try:
        window = browser.new_page()
        wrong: list[str] = []
        window.on("pageerror", lambda error: wrong.append(str(error)))
        window.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        window.goto(f"http://127.0.0.1:{server.port}/")
        until(window, "document.getElementById('live').textContent.startsWith('live')")
        window.evaluate("window.untouched = true")
        assert "9200" not in window.inner_text("main")
        report = scanned((8080, 9200))
        hostile = evolve(report.findings[0], explanation="<img src=x onerror=alert(1)>")
        shown.put("shop", evolve(report, findings=(hostile, *report.findings[1:])), ())
        until(window, "document.querySelector('main').innerText.includes('9200')")
        assert window.evaluate("window.untouched") is True
        assert window.query_selector("main img") is None
        shown.put("shop", scanned(), ())
        until(window, "document.title.includes('IN SYNC')")
        assert wrong == []
        window.close()
    finally:
        server.stop()
