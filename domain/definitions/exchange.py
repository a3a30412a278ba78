"""What a model's messages take along: nothing beyond the data contract of the item that it serves."""

from __future__ import annotations

from collections.abc import Iterator

from domain.definitions.reported import error
from domain.items.contracts import Contract
from engine.contract import Finding, Model


def within_contract(model: Model, contract: Contract | None) -> Iterator[Finding]:
    """The model takes along nothing that the item's data contract does not list."""
    if contract is None:
        return
    roles = {pool.id: pool.role for pool in model.participants}
    for flow in model.message_flows:
        sender = roles.get(flow.source_participant, "main")
        name = flow.name or flow.message
        if (flow.fields or flow.materials) and not contract.lists(flow.message, sender):
            yield error(
                "contractMessageOutside",
                f"事项的数据契约（第 {contract.version} 版）没有列出消息“{name}”（{flow.message}）。",
                f"The item's data contract (version {contract.version}) does not list the message '{flow.message}'.",
                "请先在“数据契约”中增加该消息及其法律依据，或删去消息流。",
                "Add the message with its legal basis to the data contract first, or remove the flow.",
                flow.id,
            )
            continue
        allowed = contract.crossing(flow.message, sender)
        for path in [row.path for row in flow.fields if row.path not in allowed.paths]:
            yield error(
                "contractFieldOutside",
                f"消息“{name}”带有数据契约（第 {contract.version} 版）之外的字段“{path}”。",
                f"The message '{flow.message}' takes along '{path}', which the data contract does not list.",
                "请删去该字段，或先在“数据契约”中增加并写明依据。",
                "Remove the field, or add it to the data contract with its legal basis first.",
                flow.id,
            )
        for code in [code for code in flow.materials if code not in allowed.materials]:
            yield error(
                "contractMaterialOutside",
                f"消息“{name}”带有数据契约（第 {contract.version} 版）之外的材料 {code}。",
                f"The message '{flow.message}' takes along the material {code}, which the data contract does not list.",
                "请删去该材料，或先在“数据契约”中增加并写明依据。",
                "Remove the material, or add it to the data contract with its legal basis first.",
                flow.id,
            )
