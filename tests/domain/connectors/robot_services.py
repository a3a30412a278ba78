"""The services of robots as their documentation has them: what they check of a message, and how they refuse one inside an HTTP 200."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.domain.connectors.conftest import Counter

HOUR = 3600


@dataclass
class Robot:
    """One robot of a service with its security settings; ``taken`` are the texts of messages that it showed to its group."""

    token: str
    secret: str = ""
    keyword: str = ""
    addresses: tuple[str, ...] = ()
    quota: int = 1000
    taken: list[str] = field(default_factory=list)
    asked: int = 0


Judge = Callable[[Robot, BaseHTTPRequestHandler, str, Any], tuple[int, dict[str, Any]]]


def serve(served: Counter, robot: Robot, judge: Judge) -> None:
    def act(handler: BaseHTTPRequestHandler) -> None:
        robot.asked += 1
        seen = served.seen[-1]
        assert seen.method == "POST"
        assert seen.headers["content-type"].startswith("application/json")
        status, said = judge(robot, handler, seen.path, json.loads(seen.body))
        body = json.dumps(said, ensure_ascii=False).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    served.act = act


def dingtalk(robot: Robot, handler: BaseHTTPRequestHandler, path: str, body: Any) -> tuple[int, dict[str, Any]]:  # noqa: PLR0911 -- check by check
    """open.dingtalk.com: custom robots – security settings, text messages, 20 a minute."""
    parts = urlsplit(path)
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if parts.path != "/robot/send" or given.get("access_token") != robot.token:
        return 200, {"errcode": 300001, "errmsg": "token is not exist"}
    if robot.secret:
        moment = given.get("timestamp", "0")
        mac = hmac.new(robot.secret.encode(), f"{moment}\n{robot.secret}".encode(), hashlib.sha256)
        if abs(time.time() * 1000 - int(moment)) > HOUR * 1000:
            return 200, {
                "errcode": 310000,
                "errmsg": "description:机器人发送签名过期;solution:签名生成时间和发送时间请保持在1h以内",
            }
        if given.get("sign") != base64.b64encode(mac.digest()).decode():
            return 200, {"errcode": 310000, "errmsg": "description:机器人发送签名不匹配;solution:请确认签名和时间戳"}
    text = body["text"]["content"] if body.get("msgtype") == "text" else ""
    if not text:
        return 200, {"errcode": 40035, "errmsg": "缺少参数 json"}
    if robot.keyword not in text:
        return 200, {
            "errcode": 310000,
            "errmsg": "description:关键词不匹配;solution:请联系群管理员查看此机器人的关键词",
        }
    if robot.addresses and handler.client_address[0] not in robot.addresses:
        return 200, {"errcode": 310000, "errmsg": "description:IP 127.0.0.1 不在白名单;solution:请联系群管理员"}
    if len(robot.taken) >= robot.quota:
        return 200, {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
    assert body["at"]["isAtAll"] is False
    robot.taken.append(text)
    return 200, {"errcode": 0, "errmsg": "ok"}


def wecom(robot: Robot, handler: BaseHTTPRequestHandler, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    """developer.work.weixin.qq.com: group robots – text of at most 2,048 bytes, 20 a minute, the key is the only secret."""
    del handler
    if urlsplit(path).path != "/cgi-bin/webhook/send" or parse_qs(urlsplit(path).query).get("key") != [robot.token]:
        return 200, {"errcode": 93000, "errmsg": "invalid webhook url, hint: [1]"}
    text = body["text"]["content"] if body.get("msgtype") == "text" else ""
    if not 0 < len(text.encode()) <= 2048:
        return 200, {"errcode": 40058, "errmsg": "text.content exceed max length"}
    if len(robot.taken) >= robot.quota:
        return 200, {"errcode": 45009, "errmsg": "api freq out of limit"}
    robot.taken.append(text)
    return 200, {"errcode": 0, "errmsg": "ok"}


def feishu(robot: Robot, handler: BaseHTTPRequestHandler, path: str, body: Any) -> tuple[int, dict[str, Any]]:  # noqa: PLR0911 -- check by check
    """open.feishu.cn: custom bots – the key of the signature is time and secret, nothing is hashed; 100 a minute."""
    if path != f"/open-apis/bot/v2/hook/{robot.token}":
        return 200, {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"}
    if robot.secret:
        moment = body.get("timestamp", "0")
        mac = hmac.new(f"{moment}\n{robot.secret}".encode(), b"", hashlib.sha256)
        if abs(time.time() - int(moment)) > HOUR or body.get("sign") != base64.b64encode(mac.digest()).decode():
            return 200, {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"}
    text = body["content"]["text"] if body.get("msg_type") == "text" else ""
    if not text:
        return 400, {"code": 9499, "msg": "Bad Request", "data": {}}
    if robot.addresses and handler.client_address[0] not in robot.addresses:
        return 200, {"code": 19022, "msg": "Ip Not Allowed"}
    if robot.keyword not in text:
        return 200, {"code": 19024, "msg": "Key Words Not Found"}
    if len(robot.taken) >= robot.quota:
        return 200, {"code": 11232, "msg": "frequency limited psm[lark.oapi.app_platform_runtime]"}
    robot.taken.append(text)
    return 200, {"code": 0, "data": {}, "msg": "success", "StatusCode": 0, "StatusMessage": "success"}
