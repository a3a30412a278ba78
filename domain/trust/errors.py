"""What a note between deployments can be refused for."""

from __future__ import annotations

from domain.errors import Conflict, DomainError, Forbidden


class NoteUnreadable(DomainError):
    """The bytes are no note of a kind known here."""

    code = "note-unreadable"
    title_zh = "互信报文格式无法识别"
    title_en = "The note cannot be read"
    next_zh = "请按接口文档的格式发送。"
    next_en = "Send a note as the interface description says."


class NoteRefused(Forbidden):
    """The sender is not known, the signature is not the sender's, or the note is not for a site here."""

    code = "note-refused"
    title_zh = "互信报文未被接受"
    title_en = "The note was refused"
    next_zh = "请与对方核对机构代码和公钥指纹。"
    next_en = "Compare site codes and fingerprints of keys with the partner."


class KeyChangeOpen(Conflict):
    """A change of the site's key is going on."""

    code = "key-change-open"
    title_zh = "密钥更换正在进行"
    title_en = "A change of this key is going on"
    next_zh = "请等待所有伙伴确认（lianban sites keys），或用 --finish 立即启用。"
    next_en = "Wait until all partners know the key (lianban sites keys), or take it into use with --finish."
