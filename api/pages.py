"""The pages: built web files with a Content-Security-Policy of their own each, health, and the API's description."""

from __future__ import annotations

import hmac
import html
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask
import orjson
from werkzeug.exceptions import NotFound, Unauthorized
from werkzeug.routing import PathConverter
from werkzeug.security import safe_join

from api import openapi
from api.auth import public
from api.entry import platform
from api.problems import RETRY_SECONDS, ApiError, Problem, respond

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    # What is no page (data, built files, errors) loads nothing, is framed by nobody and has no forms, should a browser show it.
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}

_NONCE_META = re.compile(r'(<meta\s+name="csp-nonce"\s+content=")[^"]*(")')
_HASHED = re.compile(r"-[A-Za-z0-9_-]{8}\.[a-z0-9.]+$")


@dataclass(frozen=True, slots=True)
class Page:
    """One entry of the web: its file and how strict its styles are."""

    file: str
    nonce: bool
    style_attributes: bool = False

    def policy(self, nonce: str) -> str:
        """The page's Content-Security-Policy: no eval, no inline script anywhere; inline style attributes only for the designer."""
        style = f"style-src 'self' 'nonce-{nonce}'" if self.nonce else "style-src 'self'"
        parts = [
            "default-src 'none'",
            "script-src 'self'",
            style,
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
        if self.style_attributes:
            parts.append("style-src-attr 'unsafe-inline'")
        return "; ".join(parts)


class PagePath(PathConverter):
    """Any address but those of the API, which are problem documents when unknown, never a page."""

    regex = "(?!api/)[^/].*?"


PAGES = {
    "staff": Page("staff.html", nonce=True),
    "admin": Page("admin.html", nonce=True),
    "designer": Page("designer.html", nonce=True, style_attributes=True),
}
PORTAL = Page("portal.html", nonce=False)
NOT_READY = {
    "database-away": ("数据库暂时无法连接。", "The database cannot be reached now."),
    "schema-behind": ("数据库结构需要升级。", "The database schema must be upgraded first."),
    "draining": ("本节点即将停止。", "This node is about to stop."),
}


def register(app: flask.Flask) -> None:
    """Add the routes outside the API."""
    app.add_url_rule("/healthz", "health", health)
    app.add_url_rule("/readyz", "ready", ready)
    app.add_url_rule("/metrics", "metrics", figures)
    app.add_url_rule("/api/v1/openapi.json", "openapi", describe)
    app.add_url_rule("/api/docs", "docs", docs)
    app.add_url_rule("/assets/<path:path>", "asset", asset)
    app.add_url_rule("/", "portal", page, defaults={"path": ""})
    app.url_map.converters["page"] = PagePath
    app.add_url_rule("/<page:path>", "page", page)


@public("service:read")
def health() -> flask.Response:
    """The process answers."""
    return flask.jsonify({"status": "ok"})


@public("service:read")
def ready() -> flask.Response:
    """The database answers with a schema that is new enough, and the node is not about to stop. Answers soon, whatever hangs."""
    verdict = flask.current_app.extensions["lianban-readiness"].check()
    if not verdict.ready:
        detail, detail_en = NOT_READY[verdict.code]
        retry = {"Retry-After": str(RETRY_SECONDS)}
        return respond(ApiError(Problem(503, verdict.code, detail, detail_en, headers=retry)))
    response = flask.jsonify({"status": "ready"})
    response.headers["Cache-Control"] = "no-store"
    return response


@public("service:read")
def figures() -> flask.Response:
    """Metrics of this node for whoever has LIANBAN_METRICS_TOKEN; without that setting there is no such address."""
    token = platform().settings.metrics_token
    if token is None:
        return respond(NotFound())
    given = flask.request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        response = respond(Unauthorized())
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    answer = flask.current_app.extensions["lianban-metrics"]()
    response = flask.Response(answer.body, status=answer.status, content_type=answer.media_type)
    response.headers["Cache-Control"] = "no-store"
    return response


@public("service:read")
def describe() -> flask.Response:
    """The OpenAPI document."""
    app = flask.current_app
    body = app.config.get("OPENAPI_BODY")
    if body is None:
        body = app.config["OPENAPI_BODY"] = orjson.dumps(openapi.description(app), option=orjson.OPT_INDENT_2)
    response = flask.Response(body, mimetype="application/json")
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(flask.request)
    return response


@public("service:read")
def docs() -> flask.Response:
    """All operations as one plain page that needs no script."""
    rows = []
    for path, operations in openapi.description(flask.current_app)["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            cells = (method.upper(), path, operation.get("summary", ""), ", ".join(operation["tags"]))
            rows.append("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>")
    body = (
        '<!doctype html><html lang="zh"><meta charset="utf-8"><title>联办 API</title><h1>联办 Lianban API v1</h1>'
        '<p><a href="/api/v1/openapi.json">OpenAPI 3.1</a></p>'
        "<table><thead><tr><th scope=col>方法</th><th scope=col>路径</th><th scope=col>说明</th>"
        f"<th scope=col>分类</th></tr></thead><tbody>{''.join(rows)}</tbody></table></html>"
    )
    return _html(body, "default-src 'none'; frame-ancestors 'none'")


@public("service:read")
def asset(path: str) -> flask.Response:
    """A built file; one whose name holds a hash never changes."""
    response = _file("assets/" + path)
    if response is None:
        return respond(NotFound())
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if _HASHED.search(path) else "public, no-cache"
    )
    return response


@public("service:read")
def page(path: str) -> flask.Response:
    """The page an address belongs to (the page itself knows the rest of the address), or a file beside it."""
    if path and "." in path.rsplit("/", 1)[-1]:
        response = None if path.endswith(".html") else _file(path)
        if response is None:
            return respond(NotFound())
        response.headers["Cache-Control"] = "public, no-cache"
        return response
    name = path.split("/", 1)[0]
    entry = PAGES.get(name, PORTAL)
    if path == name and name in PAGES:
        return flask.redirect(f"/{name}/", 308)  # type: ignore[return-value]  # a werkzeug response is as good
    source = platform().settings.web_dist / entry.file
    if not source.is_file():
        return _not_built()
    nonce = secrets.token_urlsafe(18)
    content = source.read_text(encoding="utf-8")
    if entry.nonce:
        content = _NONCE_META.sub(rf"\g<1>{nonce}\g<2>", content)
    return _html(content, entry.policy(nonce))


def _html(content: str, policy: str, status: int = 200) -> flask.Response:
    response = flask.Response(content, status=status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "no-store"
    return response


def _not_built() -> flask.Response:
    content = (
        '<!doctype html><html lang="zh"><meta charset="utf-8"><title>联办：网页尚未构建</title>'
        "<main><h1>网页尚未构建</h1><p>服务已经启动，但 web/dist 中没有网页。请在源代码目录执行 <code>make build</code>"
        "（或 <code>cd web &amp;&amp; npm ci &amp;&amp; npm run build</code>），然后刷新本页。</p>"
        '<h2 lang="en">The web pages are not built</h2><p lang="en">The server runs, but web/dist is empty. '
        "Run <code>make build</code> in the source folder, then reload.</p>"
        '<p><a href="/api/docs">API</a></p></main></html>'
    )
    return _html(content, "default-src 'none'; frame-ancestors 'none'", 503)


def _file(path: str) -> flask.Response | None:
    root: Path = platform().settings.web_dist
    target: Any = safe_join(str(root), path)
    if target is None or not Path(target).is_file():
        return None
    return flask.send_file(target, conditional=True)
