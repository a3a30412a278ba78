"""What the services of robots say inside an HTTP 200, and how often each robot may be told something.

Numbers as the services document them (docs/connectors.md): DingTalk and WeCom ``errcode``, Feishu and Lark ``code``, SMS gateways that
speak JSON usually one of these. Whoever is not listed is a failure that may pass.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import orjson

from domain.connectors.errors import (
    RobotAddress,
    RobotContent,
    RobotGone,
    RobotKeyword,
    RobotRefused,
    RobotThrottled,
    RobotUnsigned,
)
from domain.connectors.wire import Answer

NAMES: Final = ("errcode", "code", "StatusCode")
_TOO_MANY: Final = 429
_LONGEST: Final = 9
GOOD: Final = frozenset({0, 200})
_DINGTALK: Final[Mapping[int, type[RobotRefused]]] = {
    **dict.fromkeys((130101, 410100, 90030), RobotThrottled),
    **dict.fromkeys((300001, 400013, 400101, 400102, 400106), RobotGone),
    **dict.fromkeys((410103, 430101, 430102, 430103, 430104), RobotContent),
}
_WECOM: Final[Mapping[int, type[RobotRefused]]] = {
    **dict.fromkeys((45009, 45033), RobotThrottled),
    **dict.fromkeys((93000, 93004, 93008), RobotGone),
}
_FEISHU: Final[Mapping[int, type[RobotRefused]]] = {
    11232: RobotThrottled,
    19001: RobotGone,
    19021: RobotUnsigned,
    19022: RobotAddress,
    19024: RobotKeyword,
}
MEANINGS: Final[Mapping[str, Mapping[int, type[RobotRefused]]]] = {
    "dingtalk": _DINGTALK,
    "wecombot": _WECOM,
    "feishu": _FEISHU,
    "lark": _FEISHU,
}
DINGTALK_SECURITY: Final = 310000
"""DingTalk's number for all of its security settings; which one, its text says."""
_SECURITY: Final = (
    (re.compile(r"keyword|关键词"), RobotKeyword),
    (re.compile(r"(?<![a-z])sign|timestamp|签名|时间戳"), RobotUnsigned),
    (re.compile(r"(?<![a-z])ip(?![a-z])|白名单"), RobotAddress),
)
PACES: Final[Mapping[str, tuple[int, float]]] = {
    "dingtalk": (10, 6.0),
    "wecombot": (10, 6.0),
    "feishu": (4, 1.0),
    "lark": (4, 1.0),
}
"""(at once, seconds until the next): DingTalk and WeCom take 20 messages in any minute, Feishu 5 in a second and 100 in a minute."""
PAUSES: Final[Mapping[str, timedelta]] = {"dingtalk": timedelta(minutes=10)}
"""So long a robot is closed after it was told too much; a minute where the service does not say."""
USUAL_PAUSE: Final = timedelta(minutes=1)


def read(scheme: str, answer: Answer) -> None:
    """Nothing when the message was taken. Raises a :class:`RobotRefused`; its text holds the service's number alone."""
    if answer.status == _TOO_MANY:
        raise RobotThrottled(
            "机器人返回 HTTP 429。", "The robot answered with HTTP 429.", number=_TOO_MANY, after=_pause(scheme)
        )
    try:
        content: Any = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return
    if not isinstance(content, dict):
        return
    for name in NAMES:
        number = content.get(name, 0)
        if isinstance(number, str) and number.isascii() and number.isdecimal() and len(number) <= _LONGEST:
            number = int(number)
        if isinstance(number, int) and number not in GOOD:
            kind = MEANINGS.get(scheme, {}).get(number, RobotRefused)
            if scheme == "dingtalk" and number == DINGTALK_SECURITY:
                kind = _security(content.get("errmsg"))
            raise kind(
                f"机器人返回错误码 {number}。",
                f"The robot answered with code {number}.",
                number=number,
                after=_pause(scheme) if kind is RobotThrottled else timedelta(0),
            )


def _pause(scheme: str) -> timedelta:
    """How long to leave a robot alone that was told too much."""
    return PAUSES.get(scheme, USUAL_PAUSE)


def _security(text: Any) -> type[RobotRefused]:
    said = text.lower() if isinstance(text, str) else ""
    return next((kind for word, kind in _SECURITY if word.search(said)), RobotUnsigned)
