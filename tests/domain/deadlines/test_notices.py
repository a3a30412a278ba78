import json
from datetime import date

import pytest

from domain.deadlines import notices
from domain.deadlines.errors import NoticeUnreadable
from domain.deadlines.notices import Notice, Span
from tests.domain.deadlines.test_calendar import NATIONAL, OFFICIAL

SENTENCES = """国办发明电〔2025〕7号
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。"""


def test_the_notices_own_sentences_give_the_official_days() -> None:
    read = notices.read(SENTENCES, 2026)
    assert read.number == "国办发明电〔2025〕7号"
    for entry in notices.entries(read):
        assert NATIONAL.is_workday(date.fromisoformat(entry["day"])) is entry["isWorkday"]
    found = notices.check(Notice(read.holidays, read.workdays, read.number, "国务院办公厅"), "CN", 2026)
    assert found == []


@pytest.mark.parametrize("year", sorted(OFFICIAL["years"]))
def test_the_known_years_pass_every_check(year: str) -> None:
    read = notices.read(json.dumps(OFFICIAL), int(year))
    assert [each.code for each in notices.check(read, "CN", int(year))] in ([], ["source-missing"])
    table = "日期,类型,名称\n" + "".join(
        f"{row['day']},{'班' if row['isWorkday'] else '休'},{row['name']}\n" for row in notices.entries(read)
    )
    again = notices.read(table, int(year))
    assert [(row["day"], row["isWorkday"]) for row in notices.entries(again)] == [
        (row["day"], row["isWorkday"]) for row in notices.entries(read)
    ]


def test_what_cannot_be_is_found() -> None:
    spans = (
        Span("元旦", date(2027, 1, 3), date(2027, 1, 1)),
        Span("春节", date(2028, 2, 5), date(2028, 2, 11)),
        Span("劳动节", date(2027, 5, 1), date(2027, 5, 3)),
        Span("又一个", date(2027, 5, 3), date(2027, 5, 3)),
        Span(" ", date(2027, 6, 1), date(2027, 6, 1)),
    )
    found = notices.check(Notice(spans, (date(2027, 5, 12), date(2030, 1, 1))), "CN", 2027)
    codes = {each.code for each in found if each.severity == "error"}
    assert codes == {"span", "outside", "duplicate", "unnamed", "weekday", "source-missing"}
    assert {each.code for each in found if each.severity == "warning"} == {"total", "festival-missing"}


@pytest.mark.parametrize(
    "text", ["天气很好", "{}", '{"holidays": 3}', "2027-01-01,maybe,x", "x" * 20_001, '{"holidays": []}']
)
def test_what_is_no_arrangement_is_refused(text: str) -> None:
    with pytest.raises(NoticeUnreadable):
        notices.read(text, 2027)


def test_new_years_day_may_begin_in_december() -> None:
    read = notices.read("一、元旦：12月30日至1月1日放假调休，共3天。", 2027)
    assert (read.holidays[0].first, read.holidays[0].last) == (date(2026, 12, 30), date(2027, 1, 1))
