"""What stands in the way of moving a running instance to another version."""

from __future__ import annotations

MOVING_RULES: dict[str, tuple[str, str, str, str]] = {
    "moveTargetMissing": (
        "新版本中没有 {id}，也没有指定它对应的节点。",
        "The new version has no {id}, and no node was named in its place.",
        "为它指定新版本中的对应节点，或先把办件办过这一步。",
        "Name the node of the new version that takes its place, or let the case pass this step first.",
    ),
    "moveSourceUnknown": (
        "原版本中没有 {id}。",
        "The old version has no {id}.",
        "更正对应关系左侧的编号。",
        "Correct the left side of the mapping.",
    ),
    "moveTypeDiffers": (
        "{id} 是 {was}，新版本中的 {target} 是 {now}；两者不同类，不能承接。",
        "{id} is a {was}, {target} of the new version a {now}; one cannot take the place of the other.",
        "选择同类节点。",
        "Choose a node of the same kind.",
    ),
    "moveScopeDiffers": (
        "{id} 与新版本中的 {target} 不在对应的（子）流程内。",
        "{id} and {target} of the new version are not in corresponding (sub-)processes.",
        "子流程也要对应，且节点留在其中。",
        "Map the sub-process as well and keep the node in it.",
    ),
    "moveMultiDiffers": (
        "{id} 与新版本中的 {target} 的多实例设置不同。",
        "{id} and {target} of the new version differ in their multi-instance settings.",
        "保持相同的多实例方式。",
        "Keep the same way of multi-instance.",
    ),
    "moveTriggerDiffers": (
        "{id} 等待的是 {was}，新版本中的 {target} 等待的是 {now}。",
        "{id} waits for a {was}, {target} of the new version for a {now}.",
        "选择触发相同的节点。",
        "Choose a node with the same trigger.",
    ),
    "moveFlowMissing": (
        "有分支已到达 {id}，新版本中没有对应的流入连线。",
        "A branch has arrived at {id}; the new version has no corresponding incoming flow.",
        "保留该连线，或等汇合完成后再迁移。",
        "Keep the flow, or move when the branches have joined.",
    ),
    "moveJoinGrows": (
        "新版本中 {target} 还要等 {count} 条原来没有的分支。",
        "In the new version {target} also waits for {count} branches that did not exist.",
        "确认这些分支还会到达；否则办件会停在此处。",
        "Make sure that these branches can still come; the case would stop here otherwise.",
    ),
    "moveUndoMissing": (
        "已完成的“{id}”在新版本里（{target}）没有补偿活动。",
        "What undoes the completed '{id}' is missing in the new version ({target}).",
        "在新版本里保留它的补偿边界事件和补偿活动。",
        "Keep its compensation boundary event and compensation activity in the new version.",
    ),
}
