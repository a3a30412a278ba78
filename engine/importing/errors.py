"""What the importer cannot say in our dialect."""

from __future__ import annotations

from engine.errors import EngineError


class Unconvertible(EngineError):
    """A text has no counterpart in FEEL; the reason is told in Chinese and English."""

    code = "engine.unconvertible"
    text_zh = "这段表达式或脚本无法自动转换；请人工改写为 FEEL。"
    text_en = "This expression or script cannot be converted; rewrite it in FEEL."

    def __init__(self, reason_zh: str, reason_en: str) -> None:
        self.reason_zh = reason_zh
        self.reason_en = reason_en
        super().__init__(reason_en)
