"""Children of the demo's parents, registered where they live today: what a tester types into the application."""

from __future__ import annotations

from dataclasses import dataclass

from bootstrap.demo.people import id_number


@dataclass(frozen=True, slots=True)
class DemoChild:
    """A child with a registration at a demo site. ``parent`` is the log-in of the parent it joins."""

    name: str
    id_no: str
    site_code: str
    address: str
    house_no: str
    parent: str


CHILDREN = (
    DemoChild("岑小雨", id_number("440606", "20180601"), "440606-police", "大良街道演示路1号", "000000001", "parent"),
    DemoChild("岑小雪", id_number("440606", "20200215"), "440606-police", "大良街道演示路1号", "000000001", "parent"),
    DemoChild("农小海", id_number("532622", "20160412"), "532622-police", "江那镇演示街2号", "000000002", "father"),
    DemoChild("岑小云", id_number("440606", "20220305"), "440606-police", "大良街道演示路1号", "000000001", "parent"),
)
