"""The rules of compensation and transactions."""

from __future__ import annotations

COMPENSATION_RULES: dict[str, tuple[str, str, str, str]] = {
    "compensationHandlerMissing": (
        "补偿边界事件没有恰好连到一个同层的补偿活动。",
        "The compensation boundary event is not connected to exactly one compensation activity beside it.",
        "用关联把它连到一个标为补偿的活动。",
        "Connect it by an association to one activity marked for compensation.",
    ),
    "compensationUnconnected": (
        "补偿边界事件没有连到任何补偿活动，补偿时什么也不做。",
        "The compensation boundary event is connected to nothing: there is nothing to undo the activity.",
        "用关联把它连到一个标为补偿的活动，或删除它。",
        "Connect it by an association to one activity marked for compensation, or remove it.",
    ),
    "compensationFlow": (
        "补偿活动和补偿边界事件不能有顺序流，补偿活动也不能有边界事件。",
        "A compensation activity or compensation boundary event has no sequence flows, and the activity no boundary events.",
        "删除这些流；需要多步或捕获事件时，把补偿活动改成子流程。",
        "Remove them; for several steps or events make the compensation activity a sub-process.",
    ),
    "compensationTwice": (
        "同一活动或范围有多个补偿处理。",
        "One activity or scope has several ways to be compensated.",
        "只留一个补偿边界事件或一个补偿事件子流程。",
        "Keep one compensation boundary event or one compensation event sub-process.",
    ),
    "compensationAtProcess": (
        "流程一级的补偿事件子流程永远不会被触发：文件中没有调用该流程。",
        "A compensation event sub-process of a process is never triggered here: nothing in this file calls the process.",
        "把要补偿的步骤和它一起放进子流程。",
        "Put it with the steps it compensates into a sub-process.",
    ),
    "compensationActivity": (
        "要补偿的活动 {id} 不存在，或不在该事件所在的范围内。",
        "The activity to compensate, {id}, does not exist or is not in the scope of this event.",
        "选择同一范围内的活动；在事件子流程里也可选外层范围的活动。",
        "Choose an activity of the same scope, or, inside an event sub-process, of the scope around it.",
    ),
    "compensationOrder": (
        "补偿次序无效：{order}",
        "Not an order of compensation: {order}",
        "写 together（逆序启动，互不等待）或 sequential（逆序，一个完成再启动下一个）。",
        "Write together (started in reverse order, none waits for another) or sequential (one after the other).",
    ),
    "cancelOutside": (
        "取消结束事件不在事务子流程之内。",
        "The cancel end event is not inside a transaction.",
        "放进事务子流程，或改用错误结束事件。",
        "Put it into a transaction, or use an error end event.",
    ),
    "cancelUncaught": (
        "事务 {id} 的边上没有取消边界事件。",
        "The transaction {id} has no cancel boundary event.",
        "在事务上加一个取消边界事件并连到后续节点。",
        "Attach a cancel boundary event to the transaction and connect it to what follows.",
    ),
    "cancelBoundaryHost": (
        "取消边界事件只能附着在事务子流程上。",
        "A cancel boundary event may only be attached to a transaction.",
        "改用其他边界事件，或把子流程改成事务。",
        "Use another boundary event, or make the sub-process a transaction.",
    ),
}
