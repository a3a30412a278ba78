"""The ring of data keys: which keys there are, where each one's material lies, which one seals (``LIANBAN_HOME/keys/ring.json``).

The file holds references, never material:

``file:NAME``     ``LIANBAN_HOME/keys/NAME``, made by us, readable by the owner alone
``setting``       ``LIANBAN_DATA_KEY``
``secret:NAME``   ``LIANBAN_HOME/secrets/NAME`` or ``LIANBAN_SECRET_NAME``
``command:…``     a program whose output is the key (base64url, 32 bytes): the way to a key management system

Without the file the deployment has its one first key. Every entry keeps a check value, so that an altered key is noticed at once.
"""

from __future__ import annotations

import base64
import binascii
import shlex
import subprocess
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
import structlog
from sqlalchemy import Connection, text

from bootstrap.errors import KeyNotReadable
from bootstrap.keys import KEY_BYTES, read_or_create_key, write_whole
from domain.sealing import AES, ALGORITHMS, FIRST, MOST_BLINDS, MOST_KEYS, KeyRing, Seal, SealError, SealKey

if TYPE_CHECKING:
    from bootstrap.settings import Settings

FILE: Final = "ring.json"
FIRST_FILE: Final = "data"
COMMAND_SECONDS: Final = 20
LONGEST_OUTPUT: Final = 4096
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of the ring as the file has it. ``check`` is empty until the key was read for the first time."""

    id: int
    algorithm: str
    source: str
    check: str = ""
    created: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """The file: keys, the one that seals, and the secrets of the blind index, oldest first (all of them stay needed)."""

    keys: tuple[Entry, ...]
    active: int
    blinds: tuple[Entry, ...] = field(default=())


class RingFile:
    """The ring of one deployment, read anew when its file changed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.path = settings.keys / FILE
        self._seen = self._stamp()

    def seal(self) -> Seal:
        """A seal over the ring that follows the file."""
        return Seal(self.load(), self.refresh)

    def refresh(self) -> KeyRing | None:
        """The ring, if the file changed since it was read. One that cannot be read is left alone and told in the log."""
        stamp = self._stamp()
        if stamp == self._seen:
            return None
        try:
            ring = self.load()
        except KeyNotReadable as error:
            _log.error("keys.not_readable", code=error.code, fact=error.fact_en)
            return None
        self._seen = stamp
        return ring

    def load(self) -> KeyRing:
        """The keys with their material. Raises :class:`KeyNotReadable` that says which key and what to do."""
        listed = self.listed()
        keys = {entry.id: SealKey(entry.id, entry.algorithm, self._material(entry)) for entry in listed.keys}
        return KeyRing(keys, listed.active, tuple(self._material(entry) for entry in listed.blinds))

    def listed(self) -> Listed:
        """What the file says; without one, the first key alone."""
        try:
            found = orjson.loads(self.path.read_bytes())
            keys = tuple(Entry(**entry) for entry in found["keys"])
            listed = Listed(keys, int(found["active"]), tuple(Entry(**entry) for entry in found["blinds"]))
        except FileNotFoundError:
            first = Entry(FIRST, AES, "setting" if self._settings.data_key else f"file:{FIRST_FILE}")
            return Listed((first,), FIRST, (first,))
        except (ValueError, TypeError, KeyError, OSError):
            raise _unusable(self.path, "内容无法识别", "cannot be read") from None
        ids = [entry.id for entry in keys]
        if listed.active not in ids or len(set(ids)) != len(ids) or not listed.blinds:
            raise _unusable(self.path, "缺少正在使用的密钥", "lacks the key in use")
        if any(entry.algorithm not in ALGORITHMS or not FIRST <= entry.id <= MOST_KEYS for entry in keys):
            raise _unusable(self.path, "有不认识的算法或编号", "names an unknown algorithm or id")
        return listed

    def add(self, source: str, algorithm: str, created: str) -> Entry:
        """Put a further key on the ring without using it yet. Raises :class:`KeyNotReadable`."""
        listed = self.listed()
        number = max(entry.id for entry in listed.keys) + 1
        entry = self._checked(Entry(number, algorithm, source or f"file:data-{number}", created=created))
        self._save(replace(listed, keys=(*listed.keys, entry)))
        return entry

    def activate(self, number: int) -> None:
        """Seal with this key from now on. Raises :class:`KeyNotReadable`."""
        listed = self.listed()
        if number not in {entry.id for entry in listed.keys}:
            raise KeyNotReadable(
                f"密钥环里没有编号为 {number} 的密钥。",
                f"There is no key {number} on the ring.",
                next_zh="请用 lianban keys status 查看编号。",
                next_en="See the ids with lianban keys status.",
            )
        self._save(replace(listed, active=number))

    def retire(self, number: int) -> Entry:
        """Take a key off the ring that is not in use; its material is left where it lies. Raises :class:`KeyNotReadable`."""
        listed = self.listed()
        entry = next((each for each in listed.keys if each.id == number), None)
        if entry is None or number == listed.active:
            raise KeyNotReadable(
                f"密钥环里没有编号为 {number} 的旧密钥。",
                f"There is no former key {number} on the ring.",
                next_zh="请用 lianban keys status 查看编号；正在使用的密钥不能移出。",
                next_en="See the ids with lianban keys status; the key in use cannot be taken out.",
            )
        self._save(replace(listed, keys=tuple(each for each in listed.keys if each.id != number)))
        return entry

    def add_blind(self, source: str, created: str) -> Entry:
        """A further secret of the blind index; its values are made from those of the one before."""
        listed = self.listed()
        number = len(listed.blinds) + 1
        if number > MOST_BLINDS:
            raise _unusable(self.path, "盲索引密钥已达上限", "has as many keys of the blind index as there can be")
        entry = self._checked(Entry(number, "HMAC-SHA-256", source or f"file:blind-{number}", created=created))
        self._save(replace(listed, blinds=(*listed.blinds, entry)))
        return entry

    def _save(self, listed: Listed) -> None:
        whole = replace(
            listed,
            keys=tuple(self._checked(entry) for entry in listed.keys),
            blinds=tuple(self._checked(entry) for entry in listed.blinds),
        )
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self.path, orjson.dumps(asdict(whole), option=orjson.OPT_INDENT_2).decode())

    def _checked(self, entry: Entry) -> Entry:
        secret = self._material(entry)
        return replace(entry, check=SealKey(entry.id, entry.algorithm, secret).check)

    def _material(self, entry: Entry) -> bytes:
        secret = self._read(entry)
        if entry.check and SealKey(entry.id, entry.algorithm, secret).check != entry.check:
            raise KeyNotReadable(
                f"密钥 {entry.id}（{_kind(entry.source)}）与登记的校验值不符，已被更换或损坏。",
                f"Key {entry.id} ({_kind(entry.source)}) is not the one that was put on the ring: it was replaced or damaged.",
                next_zh="请从备份恢复原来的密钥；不要修改 ring.json，否则已加密的数据无法读取。",
                next_en="Restore the former key from a backup; do not edit ring.json: data sealed under that key would be lost.",
            )
        return secret

    def _read(self, entry: Entry) -> bytes:
        kind, _, rest = entry.source.partition(":")
        if kind == "setting" and self._settings.data_key is not None:
            return self._settings.data_key
        if kind == "file" and rest and "/" not in rest and not rest.startswith("."):
            if entry.check and not (self._settings.keys / rest).exists():
                raise _missing(entry)
            return read_or_create_key(self._settings.keys, rest)
        if kind == "secret" and (text := self._settings.find_secret(rest)) is not None:
            return _decoded(entry, text)
        if kind == "command" and rest:
            return _decoded(entry, _run(entry, rest))
        raise _missing(entry)

    def _stamp(self) -> tuple[int, int]:
        try:
            found = self.path.stat()
        except OSError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_ino)


def open_ring(settings: Settings) -> RingFile:
    """The deployment's ring. One that never had a key begins with a ring; one with data goes on with its first key until it is changed."""
    ring = RingFile(settings)
    fresh = settings.data_key is None and not (settings.keys / FIRST_FILE).exists() and not ring.path.exists()
    if fresh:
        ring.activate(ring.add(f"file:{FIRST_FILE}", settings.seal_algorithm, "").id)
    return ring


def _run(entry: Entry, command: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 -- the owner's own program, named in a file that only the owner may write
            shlex.split(command), capture_output=True, timeout=COMMAND_SECONDS, check=True, stdin=subprocess.DEVNULL
        )
        return done.stdout[:LONGEST_OUTPUT].decode("ascii")
    except (OSError, ValueError, subprocess.SubprocessError):
        raise KeyNotReadable(
            f"取得密钥 {entry.id} 的程序没有成功。",
            f"The program that gives key {entry.id} did not succeed.",
            next_zh=f"请以运行用户执行 {FILE} 中该密钥的命令，确认它在 {COMMAND_SECONDS} 秒内输出密钥。",
            next_en=f"Run that key's command of {FILE} as the running user: it must print the key within {COMMAND_SECONDS} s.",
        ) from None


def _decoded(entry: Entry, text: str) -> bytes:
    text = text.strip()
    try:
        secret = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise KeyNotReadable(
            f"密钥 {entry.id}（{_kind(entry.source)}）不是 {KEY_BYTES} 字节的 base64url。",
            f"Key {entry.id} ({_kind(entry.source)}) is not base64url of {KEY_BYTES} bytes.",
            next_zh="请核对该密钥的来源。",
            next_en="Check where that key comes from.",
        )
    return secret


def _missing(entry: Entry) -> KeyNotReadable:
    return KeyNotReadable(
        f"找不到密钥 {entry.id}（{entry.source.partition(':')[0]}）。",
        f"Key {entry.id} ({_kind(entry.source)}) is not there.",
        next_zh="请从备份恢复该密钥；没有它，用它加密的数据无法读取。",
        next_en="Restore it from a backup: without it the data sealed under it cannot be read.",
    )


def _unusable(path: Path, zh: str, en: str) -> KeyNotReadable:
    return KeyNotReadable(
        f"密钥环 {path} {zh}。",
        f"The key ring {path} {en}.",
        next_zh="请从备份恢复该文件。",
        next_en="Restore the file from a backup.",
    )


def _kind(source: str) -> str:
    return source if source.startswith("file:") else source.partition(":")[0]


def shown(entry: Entry) -> dict[str, Any]:
    """A key for people: a command is not told, its arguments may be secret."""
    return asdict(entry) | {"source": _kind(entry.source)}


def require_readable(connection: Connection, seal: Seal) -> None:
    """Open one value that every deployment has. Raises :class:`KeyNotReadable` when the keys are not those of this database."""
    stored = connection.execute(text("select private_key from site_keys order by site_id limit 1")).scalar()
    try:
        if stored is not None:
            seal.unseal(bytes(stored), "site_keys.private_key")
    except SealError as error:
        raise KeyNotReadable(
            f"密钥与数据库不配套：{error.fact_zh or error.title_zh}",
            f"These keys are not those of this database: {error.fact_en or error.title_en}",
            next_zh="请从备份恢复 LIANBAN_HOME/keys（或 LIANBAN_DATA_KEY）；不要在不配套的密钥下写入新数据。",
            next_en="Restore LIANBAN_HOME/keys (or LIANBAN_DATA_KEY) from a backup; write nothing under other keys.",
        ) from None
