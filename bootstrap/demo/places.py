"""Demo regions and sites (DOMAIN appendix E): police in three provinces, water authorities in two, supervision."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoSite:
    """A site and the prefix of its people's log-ins."""

    code: str
    login: str
    region_code: str
    sector: str
    name: str
    short_name: str
    phone: str
    address: str
    document_word: str


OTHER_PROVINCES = (
    ("110000", "北京市"),
    ("120000", "天津市"),
    ("130000", "河北省"),
    ("140000", "山西省"),
    ("150000", "内蒙古自治区"),
    ("210000", "辽宁省"),
    ("220000", "吉林省"),
    ("230000", "黑龙江省"),
    ("320000", "江苏省"),
    ("330000", "浙江省"),
    ("340000", "安徽省"),
    ("350000", "福建省"),
    ("360000", "江西省"),
    ("370000", "山东省"),
    ("410000", "河南省"),
    ("420000", "湖北省"),
    ("430000", "湖南省"),
    ("460000", "海南省"),
    ("500000", "重庆市"),
    ("510000", "四川省"),
    ("520000", "贵州省"),
    ("540000", "西藏自治区"),
    ("610000", "陕西省"),
    ("620000", "甘肃省"),
    ("630000", "青海省"),
    ("640000", "宁夏回族自治区"),
    ("650000", "新疆维吾尔自治区"),
    ("710000", "台湾省"),
    ("810000", "香港特别行政区"),
    ("820000", "澳门特别行政区"),
)
"""Provinces where the demo has no site."""

REGIONS = (
    ("530000", "云南省", None),
    ("532600", "文山壮族苗族自治州", "530000"),
    ("532622", "砚山县", "532600"),
    ("440000", "广东省", None),
    ("440600", "佛山市", "440000"),
    ("440606", "顺德区", "440600"),
    ("450000", "广西壮族自治区", None),
    ("451000", "百色市", "450000"),
    ("451002", "右江区", "451000"),
    ("310000", "上海市", None),
    ("310100", "市辖区", "310000"),
    ("310115", "浦东新区", "310100"),
    *((code, name, None) for code, name in OTHER_PROVINCES),
)

SITES = (
    DemoSite(
        "532622-police",
        "yanshan",
        "532622",
        "police",
        "砚山县公安局",
        "砚山公安",
        "0876-0000001",
        "砚山县政务服务中心公安窗口（演示）",
        "砚公户",
    ),
    DemoSite(
        "440606-police",
        "shunde",
        "440606",
        "police",
        "佛山市公安局顺德分局",
        "顺德公安",
        "0757-00000001",
        "顺德区政务服务中心公安窗口（演示）",
        "顺公户",
    ),
    DemoSite(
        "451002-police",
        "youjiang",
        "451002",
        "police",
        "百色市公安局右江分局",
        "右江公安",
        "0776-0000001",
        "右江区政务服务中心公安窗口（演示）",
        "右公户",
    ),
    DemoSite(
        "530000-water",
        "yunnan-water",
        "530000",
        "water",
        "云南省水利厅",
        "云南水利",
        "0871-00000001",
        "云南省政务服务中心水利窗口（演示）",
        "云水安",
    ),
    DemoSite(
        "450000-water",
        "guangxi-water",
        "450000",
        "water",
        "广西壮族自治区水利厅",
        "广西水利",
        "0771-0000001",
        "广西政务服务中心水利窗口（演示）",
        "桂水安",
    ),
    DemoSite(
        "310115-police",
        "pudong",
        "310115",
        "police",
        "上海市公安局浦东分局",
        "浦东公安",
        "021-00000001",
        "浦东新区政务服务中心公安窗口（演示）",
        "浦公户",
    ),
    DemoSite(
        "532622-water",
        "yanshan-water",
        "532622",
        "water-window",
        "砚山县水务局",
        "砚山水务",
        "0876-0000002",
        "砚山县政务服务中心水务窗口（演示，只收件和帮办）",
        "砚水",
    ),
)

SUPERVISION = (
    DemoSite(
        "532622-supervision",
        "yanshan-supervision",
        "532622",
        "supervision",
        "砚山县政务服务局",
        "砚山政务",
        "0876-0000009",
        "砚山县政务服务中心（演示）",
        "砚政督",
    ),
    DemoSite(
        "440606-supervision",
        "shunde-supervision",
        "440606",
        "supervision",
        "佛山市顺德区政务服务数据管理局",
        "顺德政务",
        "0757-00000009",
        "顺德区政务服务中心（演示）",
        "顺政督",
    ),
)
