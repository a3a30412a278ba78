"""What an application can be refused for. Each says which field, and what to do next."""

from __future__ import annotations

from domain.errors import Conflict, DomainError, Forbidden
from domain.rejections import FieldsRejected


class ApplicationRejected(FieldsRejected):
    """The form has errors; all of them are named."""

    title_zh = "申请内容需要修改"
    title_en = "The application needs correction"
    next_zh = "请按提示逐项修改后重新提交。"
    next_en = "Correct the fields named and submit again."


class NotEligible(DomainError):
    """The application does not fit this item; the fact says why and where to go."""

    code = "not-eligible"
    title_zh = "不符合本事项的申请条件"
    title_en = "This item does not fit your situation"
    next_zh = "请按说明选择合适的办理方式，或向办理机构咨询。"
    next_en = "Choose the way named, or ask the site."


class SameProvince(NotEligible):
    """Both places lie in one province: the provincial procedure applies."""

    code = "same-province"
    next_zh = "迁出地和迁入地在同一省份，请按省内户口迁移办理。"
    next_en = "Both places are in one province: use the provincial procedure."


class CertificateNotUsable(NotEligible):
    """The certificate is not valid, not the holder's, or past its date."""

    code = "certificate-not-usable"
    title_zh = "证书当前不能办理变更"
    title_en = "The certificate cannot be changed now"
    next_zh = "请联系发证的考核管理部门。"
    next_en = "Contact the authority that issued it."


class AuthorityUnchanged(NotEligible):
    """The assessing authority stays the same: an ordinary change."""

    code = "authority-unchanged"
    next_zh = "考核管理部门没有改变，请向该部门申请普通变更。"
    next_en = "The authority does not change: apply there for an ordinary change."


class NoAuthority(NotEligible):
    """No authority here decides for this enterprise."""

    code = "no-authority"
    next_zh = "请向企业注册地的水行政主管部门咨询。"
    next_en = "Ask the water authority where the enterprise is registered."


class NotForYou(Forbidden):
    """Only applicants, and window clerks on their behalf, apply."""

    code = "not-an-applicant"
    next_zh = "请由申请人提交，或由窗口人员代为提交。"
    next_en = "The applicant applies, or a window clerk on the applicant's behalf."


class RatingRefused(Conflict):
    """Not closed yet, window over, not a site of the case, or rated already."""

    code = "rating-refused"
    title_zh = "目前不能评价"
    title_en = "A rating is not possible"
    next_zh = "办件办结后在评价期内，可对每个办理机构评价一次。"
    next_en = "After the end, within the window, each site can be rated once."
