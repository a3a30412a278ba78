"""A designer draws an HTTP call without writing a task definition, tries it against a real server, and draws a letter."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Locator, expect

from domain.actors import SYSTEM
from domain.connectors import hosts
from domain.secrets import service as secrets
from tests.browser.conftest import Deployment
from tests.browser.person import PATIENCE_MS, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]

HUSH = "hush-4711-nobody-reads-this"


@pytest.fixture
def registry() -> Iterator[tuple[int, list[tuple[str, str | None]]]]:
    """The other side: its port, and what it saw (path, key)."""
    seen: list[tuple[str, str | None]] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            seen.append((self.path, self.headers.get("Authorization")))
            body = '{"level": 3, "name": "张三"}'.encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server.server_address[1], seen
    server.shutdown()
    server.server_close()


def entry(person: Person, name: str) -> Locator:
    return person.page.locator(f'.lb-designer-panel [data-entry-id="{name}"]')


def choose(person: Person, name: str, value: str) -> None:
    entry(person, name).locator("select").select_option(value)


def unfold(person: Person, name: str) -> None:
    group = person.page.locator(f'.lb-designer-panel [data-group-id="group-{name}"]')
    group.locator(".bio-properties-panel-group-header").first.click()


def draw(person: Person, kind: str, x: int, y: int) -> None:
    """A new task from the palette; it is selected then."""
    person.page.locator(f".lb-palette-{kind}").click()
    person.page.locator(".lb-designer-canvas").hover(position={"x": x, "y": y})
    person.page.mouse.down()
    person.page.mouse.up()
    expect(entry(person, "lianban-work-kind").locator("select")).to_have_value(kind, timeout=PATIENCE_MS)


def tries_the_call(designer: Person, seen: list[tuple[str, str | None]]) -> None:
    entry(designer, "lianban-try").get_by_role("button").click()
    dialog = designer.page.get_by_role("dialog")
    dialog.get_by_label("示例变量（JSON）").fill('{"application": {"no": "A 1"}}')
    dialog.get_by_role("button", name="生成请求").click()
    expect(dialog).to_contain_text("/persons/A%201", timeout=PATIENCE_MS)
    expect(dialog).to_contain_text("Authorization: Bearer ●●●")
    assert seen == []
    dialog.get_by_label("我知道这会真的发送到对方系统").check()
    dialog.get_by_role("button", name="发送测试调用").click()
    expect(dialog).to_contain_text("调用成功", timeout=PATIENCE_MS)
    expect(dialog).to_contain_text('"level": 3')
    assert seen == [("/persons/A%201", f"Bearer {HUSH}")]
    designer.finds_page_clean("designer-call-tried")
    assert HUSH not in designer.page.content()
    designer.page.keyboard.press("Escape")


def draws_a_letter(designer: Person) -> None:
    draw(designer, "email", 460, 430)
    choose(designer, "lianban-mail-choice", "applicant")
    entry(designer, "lianban-input-subject").locator("input").fill("已受理")
    choose(designer, "lianban-mail-field", "caseInfo.caseNo")
    expect(entry(designer, "lianban-input-body")).to_contain_text("caseInfo.caseNo", timeout=PATIENCE_MS)
    entry(designer, "lianban-try").get_by_role("button").click()
    letter = designer.page.get_by_role("dialog")
    letter.get_by_role("button", name="生成邮件").click()
    expect(letter).to_contain_text("SAMPLE-0001", timeout=PATIENCE_MS)
    expect(letter).to_contain_text("您还没有已确认的邮箱")
    designer.finds_page_clean("designer-letter")


def test_a_designer_draws_a_call_and_tries_it(
    as_person: Callable[..., Person], deployment: Deployment, registry: tuple[int, list[tuple[str, str | None]]]
) -> None:
    port, seen = registry
    with deployment.platform.transaction(SYSTEM) as ctx:
        secrets.put(ctx, "PERSON_TOKEN", HUSH, site_id=None)
        hosts.put(
            ctx, "127.0.0.1", "测试", site_id=None, port=port, is_internal=True, is_plain=True, names=["PERSON_TOKEN"]
        )
    designer = as_person("designer")
    designer.enter("designer", "/designer/models/call-by-hand")
    expect(designer.page.locator('[data-element-id="start"]').first).to_be_visible(timeout=PATIENCE_MS)
    draw(designer, "http", 460, 120)

    url = entry(designer, "lianban-input-url")
    url.locator("input").fill("https://elsewhere.example/persons/{id}")
    expect(url).to_contain_text("不在白名单中", timeout=PATIENCE_MS)
    choose(designer, "lianban-http-host", f"http://127.0.0.1:{port}")
    expect(url.locator("input")).to_have_value(f"http://127.0.0.1:{port}/persons/{{id}}")
    expect(url).not_to_contain_text("不在白名单中")
    entry(designer, "lianban-input-pathParameters").locator("[contenteditable]").fill('{"id": application.no}')
    unfold(designer, "lianban-http-auth")
    choose(designer, "lianban-input-authentication.type", "bearer")
    choose(designer, "lianban-input-authentication.token", "secret:PERSON_TOKEN")
    unfold(designer, "lianban-http-answer")
    entry(designer, "lianban-header-resultExpression").locator("[contenteditable]").fill("{level: response.body.level}")
    expect(entry(designer, "lianban-header-resultExpression").locator("[contenteditable]")).to_contain_text("level:")
    designer.finds_page_clean("designer-http")
    designer.press("撤销")
    expect(entry(designer, "lianban-header-resultExpression").locator("[contenteditable]")).to_have_text("")
    designer.press("重做")

    tries_the_call(designer, seen)
    draws_a_letter(designer)
