"""What a package says about itself."""

from typing import Final

README: Final = """存证包说明
==========

本包由联办平台导出，记录一个办件的全过程，供当事各方、审计机关、复议机关和人民法院核对。
任何一个字节被改动，或任何一条记录被删除、增加、调换，校验程序都能发现，并指出第一处。

一、怎样校验
  1. 从出具本包的平台以外的可信渠道取得校验程序 verify.py（单个文件，只需 Python 3.9 以上，无需联网，无需安装）。
  2. 执行：python3 verify.py 本文件.zip --key 公布的密钥指纹
  3. 不带 --key 时，只按包内公钥校验；请把程序显示的指纹与平台公布的指纹核对。
  已安装本产品的单位也可执行：lianban audit verify 本文件.zip

二、包内文件
  manifest.json         全部文件的清单（SHA-256 与 SM3），manifest.sig 是平台对清单的 Ed25519 签名
  case/case.json        办件与分办件（导出人有权查看的内容）
  record/events.jsonl   办理记录：每行为“SM3 哈希 空格 记录”，哈希＝SM3（前一条哈希 ‖ 本条记录）
  record/reads.jsonl    查看个人信息的记录，格式相同
  record/*.csv          同样内容的表格，供阅读
  anchors/              锚点（对所有链尾的签名声明）和本办件在锚点中的证明（默克尔路径）
  messages/             机构间报文原文、哈希与发送机构的签名
  documents/            文书
  materials/            材料清单及哈希；按需附材料原件
  keys.json             平台与各机构的公钥

三、保密
  本包可能含有个人信息，只能用于调取文书所载目的，依法保管和销毁。

This package holds the whole record of one case. Check it with verify.py (one file, Python 3.9+, offline):
    python3 verify.py FILE.zip --key FINGERPRINT
Get verify.py and the fingerprint from a source that you trust and not from whoever gave you this package. The format is described
in the product's docs/evidence.md. The package may hold personal data: use it for the purpose of the order only.
"""
