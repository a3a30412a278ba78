"""What is wrong with a text that is not XML, in both languages: where, what, and the parser's own words as a detail."""

from __future__ import annotations

from typing import Final

from lxml import etree

LONGEST: Final = 160
"""Of the parser's words: they quote the file."""
_FAULTS: Final[dict[str, tuple[str, str]]] = {
    "ERR_DOCUMENT_EMPTY": ("内容为空，或开头不是 XML", "it is empty or does not begin as XML"),
    "ERR_DOCUMENT_END": ("根元素结束后还有内容", "something follows the end of the root element"),
    "ERR_TAG_NAME_MISMATCH": ("开始标签和结束标签不配对", "a start tag and an end tag do not match"),
    "ERR_TAG_NOT_FINISHED": ("元素没有结束，文件可能不完整", "an element does not end; the file may be cut off"),
    "ERR_GT_REQUIRED": ("标签缺少“>”", "a tag lacks its '>'"),
    "ERR_LTSLASH_REQUIRED": ("缺少结束标签", "an end tag is missing"),
    "ERR_ATTRIBUTE_REDEFINED": ("同一元素有两个同名属性", "an element has the same attribute twice"),
    "ERR_ATTRIBUTE_NOT_STARTED": ("属性值没有用引号开始", "an attribute's value does not begin with a quote"),
    "ERR_ATTRIBUTE_NOT_FINISHED": ("属性值没有用引号结束", "an attribute's value does not end with a quote"),
    "ERR_ATTRIBUTE_WITHOUT_VALUE": ("属性没有值", "an attribute has no value"),
    "ERR_LT_IN_ATTRIBUTE": ("属性值中有未转义的“<”", "an attribute's value has an unescaped '<'"),
    "ERR_SPACE_REQUIRED": ("属性之间缺少空格", "a space is missing between attributes"),
    "ERR_NAME_REQUIRED": ("这里应有名称；文字中的“<”和“&”须转义", "a name is expected; escape '<' and '&' in text"),
    "ERR_ENTITYREF_SEMICOL_MISSING": (
        "“&”没有转义，或实体缺少分号",
        "an '&' is not escaped, or an entity lacks its semicolon",
    ),
    "ERR_UNDECLARED_ENTITY": ("使用了未定义的实体", "an entity is not defined"),
    "ERR_INVALID_CHAR": ("含有 XML 不允许的字符", "it has a character that XML does not allow"),
    "ERR_INVALID_ENCODING": ("字符编码与声明不符", "its encoding is not the one it declares"),
    "ERR_UNSUPPORTED_ENCODING": ("不支持声明的字符编码", "the declared encoding is not supported"),
    "ERR_UNKNOWN_ENCODING": ("不认识声明的字符编码", "the declared encoding is not known"),
    "ERR_XMLDECL_NOT_FINISHED": ("XML 声明没有结束", "the XML declaration does not end"),
    "ERR_RESERVED_XML_NAME": ("XML 声明前还有内容", "something stands before the XML declaration"),
    "ERR_COMMENT_NOT_FINISHED": ("注释没有结束", "a comment does not end"),
    "ERR_CDATA_NOT_FINISHED": ("CDATA 没有结束", "a CDATA section does not end"),
    "NS_ERR_UNDEFINED_NAMESPACE": ("使用了未声明的命名空间前缀", "a namespace prefix is not declared"),
}
_BY_CODE: Final[dict[int, tuple[str, str]]] = {getattr(etree.ErrorTypes, name): told for name, told in _FAULTS.items()}
_OTHER: Final = ("这里不符合 XML 语法", "this is not the syntax of XML")


def described(error: etree.XMLSyntaxError | ValueError) -> dict[str, str]:
    """The values of the rule ``notXml``: ``reason`` and ``reason_en`` with line and column, ``detail``."""
    if not isinstance(error, etree.XMLSyntaxError):
        return {"reason": _OTHER[0], "reason_en": _OTHER[1], "detail": str(error)[:LONGEST]}
    line, column = error.position
    zh, en = _BY_CODE.get(getattr(error, "code", 0), _OTHER)  # lxml's stubs do not know it
    at_zh, at_en = (f"第 {line} 行第 {column} 列，", f"line {line}, column {column}: ") if line else ("", "")
    detail = (error.msg or "").rpartition(", line ")[0] or error.msg or ""
    return {"reason": at_zh + zh, "reason_en": at_en + en, "detail": detail[:LONGEST]}
