"""Changes of policies as :data:`domain.recomputation.service.Write`: for new cases only, or for the open ones too."""

from __future__ import annotations

from dataclasses import dataclass

from domain.context import Context
from domain.deadlines import layers
from domain.deadlines.errors import BadPolicyValue
from domain.deadlines.layers import Place
from domain.deadlines.policies import shipped
from domain.recomputation.scope import Scope
from domain.recomputation.service import Write


@dataclass(frozen=True, slots=True)
class Setting:
    """A value of a layer (None: the layer's value is taken back), its source, and why it changes."""

    key: str
    place: Place
    value: str | None
    source: str = ""
    reason: str = ""
    also_open: bool = False


def setting(new: Setting) -> Write:
    """Set or take back a layer's value.

    For open cases a reason is needed: the applicants whose promised date moves read it. Without ``also_open`` nothing moves; what
    was opened keeps its date.
    """

    def write(ctx: Context) -> Scope | None:
        if new.also_open and not new.reason.strip():
            raise BadPolicyValue(
                "没有写明告知申请人的理由。", "The reason for the applicants is missing.", pointer="/reason"
            )
        place = new.place
        if new.value is None:
            layers.take_back(ctx, new.key, place, reason=new.reason, also_open=new.also_open)
        else:
            layers.put(
                ctx, new.key, new.value, new.source, scope=place.scope, scope_ref=place.ref, item_code=place.item_code,
                reason=new.reason, also_open=new.also_open,
            )  # fmt: skip
        if not new.also_open:
            return None
        entry = shipped()[new.key]
        detail = {"key": new.key, "value": new.value, "layer": place.scope, "ref": place.ref, "item": place.item_code}
        return Scope(
            "policy.changed",
            new.reason,
            policy_key=new.key,
            layer=place.scope,
            layer_ref=place.ref,
            item_code=place.item_code,
            legal_ground=new.source or entry.source,
            detail=detail,
        )

    return write
