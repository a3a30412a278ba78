"""What materials and supplement notices refuse."""

from __future__ import annotations

from domain.errors import Conflict, DomainError, Kind, NotFound


class FileTooLarge(DomainError):
    """More bytes than the limit allows."""

    code = "file-too-large"
    title_zh = "文件过大"
    title_en = "The file is too large"
    next_zh = "请压缩后重新上传。"
    next_en = "Make it smaller and upload again."


class FileTypeRefused(DomainError):
    """Neither PDF, OFD nor picture, by content."""

    code = "file-type-refused"
    title_zh = "不支持的文件类型"
    title_en = "This type of file is not accepted"
    next_zh = "请上传 PDF、OFD、JPG 或 PNG 文件；改扩展名不能改变文件类型。"
    next_en = "Upload PDF, OFD, JPG or PNG; renaming a file does not change its type."


class FileInfected(DomainError):
    """The scanner knows something harmful in the file."""

    code = "file-infected"
    title_zh = "文件含有恶意程序"
    title_en = "The file holds malware"
    next_zh = "文件没有保存。请查杀病毒后换一份干净的文件上传。"
    next_en = "It was not kept. Clean the device and upload a clean copy."


class ScannerNotReachable(DomainError):
    """Malware scanning is required and gives no verdict now."""

    code = "scanner-not-reachable"
    kind = Kind.BUSY
    title_zh = "暂时无法检查文件"
    title_en = "Files cannot be scanned now"
    next_zh = "文件没有保存。请稍后重新上传；持续出现时请联系平台管理员。"
    next_en = "It was not kept. Upload it again later; tell the administrator when this lasts."


class MaterialsMissing(DomainError):
    """Required materials were not handed in."""

    code = "materials-missing"
    title_zh = "材料不齐"
    title_en = "Required materials are missing"
    next_zh = "请按清单补充材料后再提交。"
    next_en = "Add the materials named and submit again."


class MaterialNotFound(NotFound):
    """The case has no such material, or the file is not the actor's."""

    code = "material-not-found"
    title_zh = "没有这项材料"
    title_en = "There is no such material"


class FileUnknown(DomainError):
    """The file does not exist, or somebody else uploaded it."""

    code = "file-unknown"
    title_zh = "没有找到上传的文件"
    title_en = "The uploaded file was not found"
    next_zh = "请重新上传后提交。"
    next_en = "Upload it again and submit."


class NoticeRefused(DomainError):
    """The notice breaks the rule of telling everything at once (一次性告知)."""

    code = "supplement-refused"
    title_zh = "不符合一次性告知规定"
    title_en = "This breaks the rule of the one-time notice"
    next_zh = "首次告知时能够告知的内容不得再次要求；确有新事实、新材料新问题或法律变化的，写明理由并由负责人核准。"
    next_en = (
        "What could have been said the first time may not be asked later; a new fact, a defect in newly supplied material "
        "or a change of law needs a text and a leader's approval."
    )


class TooManyRounds(Conflict):
    """The limit of supplement rounds is reached."""

    code = "supplement-rounds"
    title_zh = "补正轮次已达上限"
    title_en = "No further round of supplements"
    next_zh = "不能再次要求补正：请按现有材料办理，或请审批人决定。"
    next_en = "No further notice can be given: go on with what there is, or let the approver decide."
