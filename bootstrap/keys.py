"""Secrets of a deployment: made on first start, kept under LIANBAN_HOME/keys, readable by the owner alone."""

from __future__ import annotations

import base64
import os
import secrets
import stat
from pathlib import Path

from bootstrap.errors import KeyNotReadable

KEY_BYTES = 32
"""Length of a generated key (256 bits)."""


def read_or_create_key(folder: Path, name: str) -> bytes:
    """The key ``name`` of the deployment, made on first use. Raises :class:`KeyNotReadable` when it cannot be trusted."""
    return _decode(folder / name, read_or_create_secret(folder, name))


def read_or_create_secret(folder: Path, name: str) -> str:
    """The text secret ``name`` (URL-safe, 43 characters), made on first use."""
    path = folder / name
    found = _read(path)
    if found is not None:
        return found
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _create(path, base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode().rstrip("="))


def _create(path: Path, text: str) -> str:
    """Write the secret so that a crash leaves none or a whole one, and that two starters agree on one."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return _read(path) or text
        return text
    finally:
        draft.unlink()


def write_whole(path: Path, text: str) -> None:
    """Replace a file of the owner so that a crash leaves the old or the new one."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _read(path: Path) -> str | None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_IMODE(mode) & 0o077:
        raise KeyNotReadable(
            f"密钥文件 {path} 对其他用户可读。",
            f"The key file {path} is open to other users.",
            next_zh=f"请执行 chmod 600 {path}，并考虑更换密钥。",
            next_en=f"Run chmod 600 {path}, and consider replacing the key.",
        )
    return path.read_text(encoding="ascii").strip()


def _decode(path: Path, text: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyNotReadable(
            f"密钥文件 {path} 内容不完整。",
            f"The key file {path} does not hold a whole key.",
            next_zh="请从备份恢复该文件；没有原密钥，已加密的数据无法读取。",
            next_en="Restore it from a backup: without the old key, encrypted data cannot be read.",
        )
    return key
