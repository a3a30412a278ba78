"""联办存证包校验 · Checks a Lianban evidence package offline. One file, Python 3.9 or newer, nothing to install.

    python3 verify.py PACKAGE.zip [--key FINGERPRINT] [--tsa-ca FILE.pem]

--key: the fingerprint of the issuing platform's key as it was published; without it the package is only checked against the key that
lies in it. --tsa-ca: the certificate of the time stamp authority's root; time stamps are checked with the program openssl.
Exit code 0: whole; 1: something was changed, removed, added or moved (the first thing is named); 2: not readable; 3: what could be
checked is whole, but something could not be checked (it is named).
The format is described in docs/evidence.md.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any, Dict

from domain.evidence.container import Broken, Files, read_container, split_lines, write_container
from domain.evidence.primitives import UNREADABLE, signed, sm3, sm3_factory

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Broken", "read_container", "write_container"]

FORMAT = "lianban-evidence/1"
LARGEST = 2**31
CHAINS = ("record/events.jsonl", "record/reads.jsonl")
FIELDS = (
    "at",
    "kind",
    "site",
    "leg",
    "element",
    "actor",
    "actorName",
    "purpose",
    "subject",
    "fields",
    "data",
    "origin",
)


# --- chains ------------------------------------------------------------------------------------------------------------------


def walk(lines: Sequence[bytes]) -> list[bytes]:
    """The hashes of a chain's links as bytes up to the first that does not fit; each line is ``hash canonical``."""
    fresh, previous = sm3_factory(), b""
    heads: list[bytes] = []
    for line in lines:
        h = fresh()
        h.update(previous + line[65:])
        if h.hexdigest().encode() + b" " != line[:65]:
            break
        previous = h.digest()
        heads.append(previous)
    return heads


def row_of(line: bytes) -> list[str]:
    """A link as the table beside the chain shows it (without its number)."""
    content = json.loads(line[65:])
    row = []
    for field in FIELDS:
        value = content.get(field)
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
        row.append("'" + text if text[:1] in "=+-@\t\r" and text else text)
    return row


def table_of(lines: Sequence[bytes]) -> bytes:
    """The table of a chain: CSV, UTF-8 with a mark, one row per link."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["seq", *FIELDS])
    for number, line in enumerate(lines, start=1):
        writer.writerow([number, *row_of(line)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def check_chain(file: str, content: bytes, table: bytes) -> list[bytes]:
    """The chain's hashes. The table beside it helps to name what happened at the first link that does not fit."""
    lines, ended = split_lines(content)
    heads = walk(lines)
    if len(heads) == len(lines) and ended:
        return heads
    number = min(len(heads) + 1, max(len(lines), 1))
    rows = rows_of(table)
    try:
        found = row_of(lines[number - 1])
    except UNREADABLE:
        raise Broken(file, "内容被改动", "was changed", number) from None
    then = rows[number - 1] if number <= len(rows) else None
    if found == then:
        raise Broken(
            file, "哈希被改动，或之前有内容被改动", "its hash, or what stands before it, was changed", number, "hash"
        )
    if found in rows:
        place = rows.index(found) + 1
        if len(lines) > len(rows) and place < number:
            raise Broken(file, f"是后加入的（与第 {place} 条相同）", f"was added (a copy of event {place})", number)
        if len(lines) < len(rows):
            raise Broken(
                file, f"被删除（此处现为第 {place} 条）", f"was removed (event {place} stands here now)", number
            )
        raise Broken(file, f"次序被调换（此处现为第 {place} 条）", f"was moved (event {place} stands here now)", number)
    if len(lines) > len(rows):
        raise Broken(file, "是后加入的", "was added", number)
    raise Broken(file, "内容被改动", "was changed", number, other_field(found, then or []))


def first_other(file: str, files: Files) -> Broken | None:
    """The first link that says something else than the table beside the chain: a chain that was made anew fits in itself."""
    rows = rows_of(files.get(file.replace(".jsonl", ".csv"), b""))
    for number, (line, row) in enumerate(zip(split_lines(files[file])[0], rows), start=1):
        if row_of(line) != row:
            return Broken(file, "内容被改动", "was changed", number, other_field(row_of(line), row))
    return None


def other_field(found: Sequence[str], then: Sequence[str]) -> str | None:
    """The first field in which two rows differ."""
    return next((name for name, a, b in zip(FIELDS, found, then) if a != b), None)


def rows_of(table: bytes) -> list[list[str]]:
    """The rows of a table without their numbers; none when it cannot be read."""
    try:
        return [row[1:] for row in csv.reader(io.StringIO(table[3:].decode()))][1:]
    except (*UNREADABLE, csv.Error):
        return []


# --- anchors, messages, manifest ------------------------------------------------------------------------------------------------


def check_anchors(files: Files, heads: dict[str, list[bytes]], keys: Files) -> Dict[int, Any]:
    """Every anchor is signed and names the one before; every chain of the package ends where its newest anchor says.

    The lines of the anchors by number.
    """
    file = "anchors/anchors.jsonl"
    statements: dict[int, Any] = {}
    anchors: dict[int, Any] = {}
    for number, line in enumerate(split_lines(files[file])[0], start=1):
        told = json.loads(line)
        statement = told["statement"].encode()
        if told["key"] not in keys or not signed(keys[told["key"]], statement, bytes.fromhex(told["signature"])):
            raise Broken(file, "锚点的签名不符", "the anchor's signature is wrong", number, "signature")
        content = json.loads(statement)
        if told["hash"] != sm3(bytes.fromhex(content["previous"]) + statement).hex():
            raise Broken(file, "锚点的哈希不符", "the anchor's hash is wrong", number, "hash")
        before = anchors.get(content["number"] - 1)
        if before is not None and before["hash"] != content["previous"]:
            raise Broken(file, "与前一锚点不相连", "does not follow the anchor before it", number, "previous")
        statements[content["number"]] = content
        anchors[content["number"]] = told
    for proof in json.loads(files["anchors/proofs.json"]):
        chain, links = proof["file"], heads[proof["file"]]
        for leaf in proof["leaves"]:
            if leaf["seq"] > len(links):
                raise Broken(chain, "链尾被删去", "the end of the chain was cut off", len(links) + 1)
            if links[leaf["seq"] - 1].hex() != leaf["head"]:
                raise first_other(chain, files) or Broken(
                    chain, "与锚点的哈希不一致", "does not have the hash that was anchored", leaf["seq"], "hash"
                )
            if climb(proof["chain"], leaf) != statements[leaf["anchor"]]["root"]:
                raise Broken(
                    "anchors/proofs.json", "不能证明该链在锚点中", "does not prove that the anchor holds the chain"
                )
        if proof["leaves"] and proof["leaves"][-1]["seq"] != len(links):
            raise Broken(chain, "之后的条目未锚定", "is not anchored", proof["leaves"][-1]["seq"] + 1)
    anchored = {proof["file"] for proof in json.loads(files["anchors/proofs.json"]) if proof["leaves"]}
    for chain, links in heads.items():
        if links and chain not in anchored:
            raise Broken(chain, "没有锚点", "has no anchor")
    return anchors


def check_countersignatures(files: Files, anchors: Dict[int, Any], sites: Dict[str, list[bytes]]) -> list[Any]:
    """Each countersignature is its partner's and about an anchor of this package; what they say."""
    file, found = "anchors/countersignatures.jsonl", []
    for number, line in enumerate(split_lines(files.get(file, b""))[0], start=1):
        told = json.loads(line)
        statement, signature = told["statement"].encode(), base64.b64decode(told["signature"])
        if not any(signed(key, statement, signature) for key in sites.get(told["by"], [])):
            raise Broken(file, "联署的签名不符", "the countersignature is wrong", number, "signature")
        said, anchor = json.loads(statement), anchors.get(told["number"])
        if anchor is None or said["by"] != told["by"] or said["number"] != told["number"]:
            raise Broken(file, "联署的不是包内锚点", "is not about an anchor of this package", number, "number")
        if said["digest"] != sm3(anchor["statement"].encode()).hex():
            raise Broken(file, "联署的锚点内容不同", "was given to another anchor", number, "digest")
        found.append({"number": said["number"], "by": said["by"], "at": said["at"]})
    return found


def check_stamps(anchors: Dict[int, Any], tsa_ca: str) -> tuple[list[Any], list[str]]:
    """The times that an authority (RFC 3161) stamped anchors at, and what could not be checked."""
    stamped, unchecked = [], []
    for number, told in anchors.items():
        if not told["timestamp"]:
            continue
        token, statement = bytes.fromhex(told["timestamp"]), told["statement"].encode()
        if hashlib.sha256(statement).digest() not in token:
            raise Broken(
                "anchors/anchors.jsonl", "时间戳不属于该锚点", "the time stamp is another's", number, "timestamp"
            )
        program = shutil.which("openssl")
        if not tsa_ca or program is None:
            zh = "没有给出 --tsa-ca" if not tsa_ca else "没有 openssl 程序"
            en = "--tsa-ca was not given" if not tsa_ca else "the program openssl is not there"
            unchecked.append(f"锚点 {number} 的时间戳未核对：{zh} · time stamp of anchor {number}: {en}")
            continue
        stamped.append({"number": number, "at": openssl_stamp(program, token, statement, tsa_ca)})
    return stamped, unchecked


def openssl_stamp(program: str, token: bytes, statement: bytes, tsa_ca: str) -> str:
    """The time of a stamp that openssl finds good; :class:`Broken` otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        reply, data = folder + "/reply", folder + "/data"
        for name, content in ((reply, token), (data, statement)):
            with open(name, "wb") as file:
                file.write(content)
        verify_it = [program, "ts", "-verify", "-in", reply, "-data", data, "-CAfile", tsa_ca]
        if subprocess.run(verify_it, capture_output=True, check=False).returncode != 0:
            raise Broken("anchors/anchors.jsonl", "时间戳的签名不符", "the time stamp is not good", None, "timestamp")
        shown = subprocess.run(
            [program, "ts", "-reply", "-in", reply, "-text"], capture_output=True, check=False
        ).stdout
    lines = [line.split(b":", 1)[1] for line in shown.splitlines() if line.startswith(b"Time stamp:")]
    return lines[0].decode().strip() if lines else ""


def climb(chain: str, leaf: dict[str, Any]) -> str:
    """The root that a leaf leads to."""
    told = {"chain": chain, "head": leaf["head"], "seq": leaf["seq"]}
    at = sm3(b"\x00" + json.dumps(told, separators=(",", ":"), sort_keys=True).encode())
    for side, other in leaf["path"]:
        pair = bytes.fromhex(other) + at if side == "L" else at + bytes.fromhex(other)
        at = sm3(b"\x01" + pair)
    return at.hex()


def check_messages(files: Files, sites: Dict[str, list[bytes]]) -> None:
    """Messages whose envelope is in the package: the sender's signature over the very bytes."""
    for number, entry in enumerate(json.loads(files["messages/index.json"]), start=1):
        if not entry.get("file"):
            continue
        raw = files[entry["file"]]
        if hashlib.sha256(raw).hexdigest() != entry["sha256"]:
            raise Broken(entry["file"], "报文内容被改动", "the message was changed", None, "sha256")
        signature = base64.b64decode(entry["signature"])
        if signature and not any(signed(key, raw, signature) for key in sites.get(entry["sender"], [])):
            raise Broken("messages/index.json", "报文签名不符", "the message's signature is wrong", number, "signature")


def check_manifest(entries: Sequence[tuple[str, bytes]], keys: Files, trusted: Sequence[str]) -> Any:
    """The manifest's signature, and every file against it."""
    files, listed = dict(entries), json.loads(dict(entries)["manifest.json"])
    seal = json.loads(files["manifest.sig"])
    if seal["key"] not in keys or (trusted and seal["key"] not in trusted):
        raise Broken("manifest.sig", "不是所信任的密钥签名", "is not signed by a key that you trust", None, "key")
    if not signed(keys[seal["key"]], files["manifest.json"], bytes.fromhex(seal["signature"])):
        raise Broken("manifest.json", "清单或其签名被改动", "the manifest or its signature was changed")
    names, known = (
        [name for name, _ in entries],
        ["manifest.json", "manifest.sig", *(row["name"] for row in listed["files"])],
    )
    for name in known:
        if name not in files:
            raise Broken(name, "文件缺失", "the file is missing")
    for name in names:
        if name not in known or names.count(name) > 1:
            raise Broken(name, "文件是后加入的", "the file was added")
    for row in listed["files"]:
        if (
            hashlib.sha256(files[row["name"]]).hexdigest() != row["sha256"]
            or sm3(files[row["name"]]).hex() != row["sm3"]
        ):
            raise Broken(row["name"], "文件内容被改动", "the file was changed")
    if names != known:
        moved = next(a for a, b in zip(names, known) if a != b)
        raise Broken(moved, "文件次序被调换", "the files were moved")
    return listed


def verify(package: bytes, trusted: Sequence[str] = (), tsa_ca: str = "") -> dict[str, Any]:
    """Check a package (bytes); what it holds. Raises :class:`Broken` with the first thing that does not fit."""
    entries = read_container(package)
    files, file = dict(entries), "manifest.json"
    if "manifest.json" not in files:
        raise Broken(file, "文件缺失", "the file is missing")
    try:
        heads: dict[str, list[bytes]] = {}
        for name in CHAINS:
            file = name
            heads[name] = check_chain(name, files[name], files.get(name.replace(".jsonl", ".csv"), b""))
        file = "keys.json"
        told = json.loads(files[file])
        keys = {
            hashlib.sha256(raw).hexdigest()[:32]: raw
            for raw in (bytes.fromhex(k["publicKey"]) for k in told["platform"])
        }
        sites = {
            site["code"]: [base64.b64decode(each["publicKey"]) for each in [site, *site.get("former", [])]]
            for site in told["sites"]
        }
        file = "anchors"
        anchors = check_anchors(files, heads, keys)
        countersigned = check_countersignatures(files, anchors, sites)
        stamped, unchecked = check_stamps(anchors, tsa_ca)
        file = "messages"
        check_messages(files, sites)
        file = "manifest.json"
        listed = check_manifest(entries, keys, trusted)
    except UNREADABLE as error:
        missing = error.args[0] if isinstance(error, KeyError) else None
        if isinstance(missing, str) and "/" in missing:
            raise Broken(missing, "文件缺失", "the file is missing") from None
        raise Broken(file, "内容无法识别，已被改动", "cannot be read: it was changed") from None
    if write_container(entries) != package:
        raise Broken("(zip)", "压缩包结构被改动", "the archive around the files was changed")
    partners = {each["by"] for each in countersigned}
    return {
        "manifest": listed,
        "events": {name: len(links) for name, links in heads.items()},
        "keys": sorted(keys),
        "countersigned": countersigned,
        "partnerKeys": {
            code: [hashlib.sha256(key).hexdigest()[:32] for key in sites[code]] for code in sorted(partners)
        },
        "stamped": stamped,
        "unchecked": unchecked,
        "trusted": bool(trusted),
    }


def beyond(told: dict[str, Any]) -> list[str]:
    """What others vouch for, in both languages, and what could not be checked."""
    lines = [
        f"{each['by']} 于 {each['at']} 联署锚点 {each['number']} · countersigned anchor {each['number']} at {each['at']}: {each['by']}"
        for each in told["countersigned"]
    ] or ["没有伙伴联署 · no partner countersigned"]
    lines += [
        f"{code} 的公钥指纹，请与该单位核对 · key fingerprints of {code}, ask that site: " + ", ".join(found)
        for code, found in told["partnerKeys"].items()
    ]
    lines += [
        f"锚点 {each['number']} 的时间戳 · time stamp of anchor {each['number']}: {each['at']}"
        for each in told["stamped"]
    ]
    if not told["trusted"]:
        whose = "包内的签名密钥是不是公布的密钥（--key） · whether the key is the published one (--key)"
        lines.append(f"未核对 NOT CHECKED: {whose}")
    return lines + [f"未核对 NOT CHECKED: {each}" for each in told["unchecked"]]


def main(arguments: Sequence[str]) -> int:
    """The command line."""
    options: Dict[str, list[str]] = {"--key": [], "--tsa-ca": []}
    files, rest = [], list(arguments)
    while rest:
        given = rest.pop(0)
        if given in options and rest:
            options[given].append(rest.pop(0))
        else:
            files.append(given)
    if len(files) != 1 or files[0].startswith("--"):
        print(__doc__)
        return 2
    try:
        with open(files[0], "rb") as package:
            told = verify(package.read(LARGEST), options["--key"], "".join(options["--tsa-ca"][-1:]))
    except OSError as error:
        print(f"无法读取文件 · the file cannot be read: {error}")
        return 2
    except Broken as broken:
        print("\n".join(broken.lines()))
        return 1
    counts = ", ".join(f"{name} {count}" for name, count in told["events"].items())
    print(f"校验通过：{told['manifest']['caseNo']}，{counts}\nWHOLE: {told['manifest']['caseNo']}, {counts}")
    print("签名密钥指纹，请与公布的核对 · key fingerprints, compare with the published: " + ", ".join(told["keys"]))
    print("\n".join(beyond(told)))
    return 3 if told["unchecked"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
