"""The sentences of the problem documents that this room itself writes, in Chinese and English."""

from __future__ import annotations

from typing import NamedTuple


class Texts(NamedTuple):
    """Title, fact and next step of one HTTP status."""

    code: str
    title: str
    title_en: str
    detail: str
    detail_en: str
    next: str
    next_en: str


BY_STATUS: dict[int, Texts] = {
    400: Texts(
        "bad-request",
        "请求无法读取",
        "The request cannot be read",
        "请求的格式不正确。",
        "The request is malformed.",
        "请按接口说明修改请求后重试。",
        "Correct the request as the API description says and try again.",
    ),
    401: Texts(
        "not-logged-in",
        "尚未登录",
        "Not logged in",
        "没有登录，或登录已过期。",
        "You are not logged in, or the session has expired.",
        "请登录后再操作；尚未提交的内容请先保留。",
        "Log in and try again; keep what you have typed.",
    ),
    403: Texts(
        "forbidden",
        "没有权限",
        "Not allowed",
        "当前用户不能进行此操作。",
        "The current user may not do this.",
        "请由有相应角色的人员办理。",
        "Ask somebody with the role for it.",
    ),
    404: Texts(
        "not-found",
        "没有找到",
        "Not found",
        "没有这个地址或内容。",
        "There is nothing at this address.",
        "请核对地址和编号；无权查看的内容也按“没有找到”处理。",
        "Check the address and number; what you may not see counts as not found.",
    ),
    405: Texts(
        "method-not-allowed",
        "不支持的请求方法",
        "Method not allowed",
        "这个地址不接受该请求方法。",
        "This address does not take this method.",
        "请使用响应头 Allow 中列出的方法。",
        "Use a method listed in the Allow header.",
    ),
    409: Texts(
        "conflict",
        "状态已变化",
        "The state has changed",
        "内容已被其他人修改，或已经存在。",
        "Somebody else changed it, or it exists already.",
        "请刷新页面查看最新状态。",
        "Reload to see the current state.",
    ),
    412: Texts(
        "stale",
        "内容已被修改",
        "It was changed meanwhile",
        "您打开之后，内容已被其他人修改；本次没有保存。",
        "Somebody changed it after you opened it; nothing was saved.",
        "请重新打开，核对后再保存。",
        "Open it again, compare and save again.",
    ),
    413: Texts(
        "too-large",
        "内容过大",
        "Too large",
        "提交的内容超过允许的大小。",
        "What was sent is larger than allowed.",
        "请减少内容；文件请通过上传材料提交。",
        "Send less; files are uploaded separately.",
    ),
    415: Texts(
        "unsupported-media-type",
        "不支持的内容类型",
        "Unsupported media type",
        "此操作只接受规定类型的内容。",
        "This operation takes another content type.",
        "请使用 Content-Type: application/json（文件上传使用 multipart/form-data）。",
        "Use Content-Type: application/json (multipart/form-data for uploads).",
    ),
    422: Texts(
        "invalid-fields",
        "填写的内容有误",
        "Some fields are wrong",
        "部分内容不符合要求，本次没有提交。",
        "Some fields do not meet the requirements; nothing was submitted.",
        "请按各项提示修改后重新提交。",
        "Correct the fields named and submit again.",
    ),
    428: Texts(
        "precondition-required",
        "缺少版本条件",
        "A version is required",
        "保存需要 If-Match 请求头。",
        "Saving needs the If-Match header.",
        "请先读取当前版本，以其 ETag 作为 If-Match；新建用 *。",
        "Read the current version and send its ETag as If-Match; * creates.",
    ),
    429: Texts(
        "too-many-requests",
        "操作过于频繁",
        "Too many requests",
        "短时间内请求次数过多。",
        "Too many requests in a short time.",
        "请稍候再试（等待时间见 Retry-After）。",
        "Wait (see Retry-After) and try again.",
    ),
    500: Texts(
        "internal-error",
        "系统出错",
        "Something went wrong here",
        "系统内部出错，刚才的操作没有生效。",
        "An internal error occurred; nothing was changed.",
        "请稍后重试；若再次出现，请把请求编号告诉运维人员。",
        "Try again later; if it happens again give the request id to the operators.",
    ),
    503: Texts(
        "busy",
        "系统繁忙",
        "Busy",
        "系统正忙或暂时无法连接数据库，刚才的操作没有生效。",
        "The system is busy or the database is away; nothing was changed.",
        "请稍候几秒再试。",
        "Try again in a few seconds.",
    ),
}

_FIELDS: dict[str, tuple[str, str]] = {
    "required": ("此项必填。", "This is required."),
    "null": ("此项不能为空。", "This may not be null."),
    "unknown": ("没有这个字段。", "There is no such field."),
    "not-object": ("此处应为对象。", "An object is expected."),
    "not-list": ("此处应为列表。", "A list is expected."),
    "invalid": ("格式不正确。", "The format is wrong."),
    "length": ("长度应在 {0} 到 {1} 个字之间。", "The length must be {0} to {1} characters."),
    "count": ("数量应在 {0} 到 {1} 之间。", "There must be {0} to {1} entries."),
    "range": ("应在 {0} 到 {1} 之间。", "It must be from {0} to {1}."),
    "choice": ("应为下列之一：{0}。", "It must be one of: {0}."),
    "pattern": ("格式应为：{0}。", "The format must be: {0}."),
}


def field_texts(code: str) -> tuple[str, str, str]:
    """(slug, Chinese, English) of an error code of a schema, e.g. ``length|1|80``."""
    slug, *parameters = code.split("|")
    chinese, english = _FIELDS.get(slug, _FIELDS["invalid"])
    slug = slug if slug in _FIELDS else "invalid"
    return slug, chinese.format(*parameters), english.format(*parameters)
