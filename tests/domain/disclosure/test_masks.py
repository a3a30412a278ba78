"""Masks over form data (DOMAIN §5.4): by the form's own marks, by type, by name, and by look."""

from typing import Any

from domain.disclosure.masks import HIDDEN_TEXT, Masks

SCHEMA: dict[str, Any] = {
    "components": [
        {"type": "textfield", "id": "a", "key": "applicantName", "properties": {"lianban:type": "personName"}},
        {"type": "textfield", "id": "b", "key": "card", "properties": {"lianban:type": "bankAccount"}},
        {"type": "textfield", "id": "c", "key": "home", "properties": {"lianban:type": "address"}},
        {"type": "textfield", "id": "d", "key": "street", "properties": {"lianban:sensitive": "address"}},
        {"type": "textfield", "id": "e", "key": "illness", "properties": {"lianban:sensitive": "hidden"}},
        {"type": "checkbox", "id": "f", "key": "retired", "properties": {"lianban:sensitive": "hidden"}},
        {"type": "textfield", "id": "g", "key": "note"},
        {
            "type": "dynamiclist",
            "id": "h",
            "path": "movers",
            "components": [
                {"type": "textfield", "id": "i", "key": "name", "properties": {"lianban:sensitive": "name"}},
                {"type": "textfield", "id": "j", "key": "idNo", "properties": {"lianban:type": "idcard"}},
                {"type": "textfield", "id": "k", "key": "phone", "properties": {"lianban:type": "mobile"}},
            ],
        },
    ]
}
DATA: dict[str, Any] = {
    "applicantName": "测试人",
    "card": "6222021234567890123",
    "home": {"region": "532622", "detail": "江那镇砚华路1号"},
    "street": "云南省砚山县江那镇砚华路1号",
    "illness": "高血压",
    "retired": True,
    "note": "请打13800005678，证号532622201506010001。",
    "movers": [{"name": "张三", "idNo": "53262220150601000X", "phone": "13800005678", "age": 10}],
}


def test_everything_is_masked_by_default() -> None:
    assert Masks(SCHEMA).masked(DATA) == {
        "applicantName": "测*人",
        "card": "***************0123",
        "home": {"region": "532622", "detail": "****"},
        "street": "云南省砚山县江那镇****",
        "illness": HIDDEN_TEXT,
        "retired": None,
        "note": "请打138****5678，证号5326**********0001。",
        "movers": [{"name": "张*", "idNo": "5326**********000X", "phone": "138****5678", "age": 10}],
    }


def test_the_sensitive_group_needs_a_request_of_its_own() -> None:
    masks = Masks(SCHEMA)
    assert masks.hidden(DATA)
    assert masks.masked(DATA, plain=True) == {**DATA, "illness": HIDDEN_TEXT, "retired": None}
    assert masks.masked(DATA, plain=True, sensitive=True) == DATA
    assert not masks.hidden({**DATA, "illness": "", "retired": None})


def test_data_without_a_form_is_masked_by_name_and_look() -> None:
    masked = Masks().masked(
        {"holderName": "欧阳测试", "any": ["53262220150601000X"], "deep": {"name": "张三"}, "count": 3}
    )
    assert masked == {"holderName": "欧**试", "any": ["5326**********000X"], "deep": {"name": "张*"}, "count": 3}


def test_lists_show_the_first_character_only() -> None:
    assert Masks(SCHEMA).masked({"applicantName": "测试人"}, lists=True) == {"applicantName": "测*"}
