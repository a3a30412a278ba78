"""Data accepted or refused, code tables, texts, and checks made twice."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from forms import checks
from forms.codes import get_table
from forms.errors import FormRejected, UnknownCodeTable
from forms.kernel import Kernel
from forms.messages import catalogue, is_code, text_of
from forms.validation import accept_draft, validate
from tests.forms.vectors import PYTHON

NOW = {"now": datetime(2026, 11, 22, 6, 5, tzinfo=UTC)}
TODAY = date(2026, 11, 22)
SCHEMA: dict[str, Any] = {
    "id": "f",
    "components": [
        {"id": "n", "type": "textfield", "key": "name", "label": "姓名", "validate": {"required": True}},
        {"id": "i", "type": "textfield", "key": "idNo", "label": "号码", "properties": {"lianban:type": "idcard"}},
    ],
}


def test_data_is_accepted_as_it_is_kept(kernel: Kernel) -> None:
    accepted = validate(kernel, SCHEMA, {"name": " 张三 ", "idNo": "11010519491231002x"}, NOW)
    assert accepted.data == {"name": "张三", "idNo": "11010519491231002X"}


def test_data_is_refused_with_every_reason_and_no_value(kernel: Kernel) -> None:
    with pytest.raises(FormRejected) as caught:
        validate(kernel, SCHEMA, {"idNo": "110105194912310020", "x": "秘密"}, NOW)
    assert {(e.path, e.code) for e in caught.value.errors} == {
        ("/x", "unknown_field"), ("/name", "required"), ("/idNo", "idcard_check"),
    }  # fmt: skip
    assert "秘密" not in str(caught.value)
    assert "110105" not in str(caught.value)


def test_a_draft_may_be_wrong_but_not_foreign(kernel: Kernel) -> None:
    assert accept_draft(kernel, SCHEMA, {"idNo": "12"}, NOW).data == {"name": None, "idNo": "12"}
    with pytest.raises(FormRejected):
        accept_draft(kernel, SCHEMA, {"x": 1}, NOW)


def test_both_languages_say_the_same_things() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    assert list(zh) == list(en)
    for code, text in zh.items():
        if code != "rule_broken":
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", en[code])), code


def test_every_code_of_the_kernel_has_a_text() -> None:
    folder = Path(__file__).parents[2] / "web" / "src" / "kernel"
    codes = {
        code
        for name in ("checks.ts", "values.ts", "form.ts")
        for pattern in (
            r"code: '(\w+)'",
            r"fail\([^,]+, '(\w+)'",
            r"return '((?:required)\w*)'",
            r"\? '(\w+)' : 'too_few",
        )
        for code in re.findall(pattern, (folder / name).read_text())
    }
    assert len(codes) > 40
    assert {code for code in codes if not is_code(code)} == set()


def test_texts_fill_in_their_parameters() -> None:
    assert text_of("too_long", {"max": 50}, "zh") == "最多 50 个字"
    assert text_of("region_level", {"level": "county"}, "zh") == "请选择到县（区）"
    assert text_of("rule_broken", {"text": "不对", "textEn": "wrong"}, "en") == "wrong"
    assert text_of("never_heard_of", {}, "en") == "Breaks a rule of the form"


def test_code_tables() -> None:
    assert len(get_table("ethnic").entries) == 56
    assert get_table("sex").entries["2"].name == "女性"
    assert "7" not in get_table("sex").entries
    with pytest.raises(UnknownCodeTable):
        get_table("planets")


def test_regions_form_a_tree() -> None:
    entries = get_table("region").entries
    assert sum(entry.parent is None for entry in entries.values()) == 34
    assert all(entry.parent is None or entry.parent in entries for entry in entries.values())
    assert entries["532622"].parent == "532600"


def near_ids() -> st.SearchStrategy[str]:
    dates = st.dates(date(1890, 1, 1), date(2030, 12, 31)).map(lambda d: d.strftime("%Y%m%d"))
    area = st.sampled_from(["532622", "440606", "110105", "053262", "999999"])
    return st.tuples(
        area,
        dates | st.from_regex(r"[12][0-9]{7}", fullmatch=True),
        st.sampled_from(["000", "123"]),
        st.sampled_from("0123456789Xx"),
    ).map("".join)


TEXTS = st.one_of(
    near_ids(),
    st.from_regex(r"[0-9A-Z]{18}", fullmatch=True),
    st.from_regex(r"1[0-9]{10}|[0-9]{6}|[0-9]{15,20}", fullmatch=True),
    st.text(st.sampled_from("张三·𠮷A9 '-．・\u3000\u00a0０Ｘx"), min_size=1, max_size=20),
    st.text(min_size=1, max_size=20),
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(sorted(PYTHON)), value=TEXTS)
@example(kind="mobile", value="１３８０００００００\uff10")
def test_python_and_the_kernel_agree(kernel: Kernel, kind: str, value: str) -> None:
    fault = kernel.check(kind, kernel.normalise_code(value), today=TODAY)
    assert PYTHON[kind](checks.normalise_code(value), TODAY) == (fault[0] if fault else None)
