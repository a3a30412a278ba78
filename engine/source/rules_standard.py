"""Rules of the standard: the schema, references and expressions, flow, events and activities."""

from __future__ import annotations

STANDARD_RULES: dict[str, tuple[str, str, str, str]] = {
    # schema
    "attributeMissing": (
        "{tag} 缺少必填属性 {name}。",
        "A {tag} lacks the required attribute {name}.",
        "补上该属性，或用建模工具重新导出。",
        "Add the attribute or export the model again.",
    ),
    "attributeUnknown": (
        "{tag} 没有属性 {name}，它不起作用。",
        "A {tag} has no attribute {name}; it has no effect.",
        "删除该属性，或写成带命名空间的扩展属性。",
        "Remove it or write it as an attribute of an extension namespace.",
    ),
    "notAllowedHere": (
        "{parent} 里不能有 {tag}，或有多余的 {tag}。",
        "A {parent} may not hold {tag} here, or holds one too many.",
        "删除它，或放到 BPMN 2.0 规定的位置。",
        "Remove it or put it where BPMN 2.0 has it.",
    ),
    "childMissing": (
        "{tag} 不完整，缺少：{names}。",
        "A {tag} is incomplete; it lacks: {names}.",
        "补上缺少的部分。",
        "Add what is missing.",
    ),
    "foreignElement": (
        "扩展元素 {tag} 应放在 extensionElements 里，此处被忽略。",
        "The extension {tag} belongs into extensionElements; here it is ignored.",
        "移到 extensionElements 里。",
        "Move it into extensionElements.",
    ),
    "valueEmpty": (
        "{name} 是空的，按未填写处理。",
        "{name} is empty and taken as not given.",
        "填写或删除。",
        "Fill it in or remove it.",
    ),
    "valueInvalid": (
        "{name} 的值“{value}”无效（应为 {type}）。",
        "'{value}' is not a valid {name} ({type}).",
        "改为允许的值。",
        "Use one of the allowed values.",
    ),
    # references and expressions
    "referenceKind": (
        "{name} 引用了 {id}，它是 {kind}；此处应为 {kinds}。",
        "{name} names {id}, which is a {kind}; it must be {kinds}.",
        "重新选择。",
        "Choose it again.",
    ),
    "expressionNatural": (
        "{name} 是自然语言，可执行流程需要形式表达式。",
        "{name} is natural language; an executable process needs a formal expression.",
        "写成以 = 开头的 FEEL，或标为 tFormalExpression。",
        "Write FEEL beginning with = or mark it as tFormalExpression.",
    ),
    "expressionEmpty": (
        "{name} 没有内容。",
        "{name} has no content.",
        "填写表达式。",
        "Write the expression.",
    ),
    "conditionNeverBoolean": (
        "条件“{text}”是常量，永远不是真或假。",
        "The condition {text} is a constant that is neither true nor false.",
        "写成结果为 true 或 false 的表达式。",
        "Write an expression that gives true or false.",
    ),
    "mediaTypeInvalid": (
        "{name} 的值“{value}”不是媒体类型。",
        "'{value}' ({name}) is not a media type.",
        "写成 text/plain 这样的形式。",
        "Write it like text/plain.",
    ),
    "uriInvalid": (
        "{name} 的值“{value}”不是有效的 URI。",
        "'{value}' ({name}) is not a valid URI.",
        "改正 URI。",
        "Correct the URI.",
    ),
    # flow
    "notImmediate": (
        "可执行流程的顺序流必须是立即的（isImmediate 不能为 false）。",
        "In an executable process a sequence flow must be immediate (isImmediate may not be false).",
        "删除 isImmediate。",
        "Remove isImmediate.",
    ),
    "conditionSource": (
        "条件流不能从 {kind} 流出。",
        "A conditional flow may not leave a {kind}.",
        "条件流只能从活动和排他、包容、复杂网关流出。",
        "Let it leave an activity or an exclusive, inclusive or complex gateway.",
    ),
    "conditionAlone": (
        "活动唯一的流出流不能有条件。",
        "The only flow leaving an activity may not have a condition.",
        "再画一条流，或删除条件。",
        "Add another flow or remove the condition.",
    ),
    "flowNotListed": (
        "节点 {node} 的 {list} 里没有顺序流 {id}，与图不一致。",
        "The flow {id} is not in the {list} list of {node}: list and flow contradict each other.",
        "用建模工具重新连接该流。",
        "Connect the flow again in a modeler.",
    ),
    "gatewayDirection": (
        "网关方向为 {direction}，实际有 {into} 条流入、{out} 条流出。",
        "The gateway says {direction} but has {into} incoming and {out} outgoing flows.",
        "改正方向或流。",
        "Correct the direction or the flows.",
    ),
    "gatewayPointless": (
        "网关既没有多条流入，也没有多条流出。",
        "The gateway has neither several incoming nor several outgoing flows.",
        "补上流，或删除网关。",
        "Add flows or remove the gateway.",
    ),
    "instantiateWithIncoming": (
        "用于创建实例的元素不能有流入的流。",
        "What creates an instance may have no incoming flow.",
        "删除流入的流，或取消 instantiate。",
        "Remove the incoming flow or unset instantiate.",
    ),
    "eventGatewayMixed": (
        "事件网关后面不能同时有消息事件和接收任务。",
        "An event-based gateway may not lead to message events and receive tasks at once.",
        "统一用消息事件。",
        "Use message events only.",
    ),
    "endMissing": (
        "有开始事件就必须有结束事件。",
        "Where there is a start event there must be an end event.",
        "加一个结束事件。",
        "Add an end event.",
    ),
    "startMissing": (
        "有结束事件就必须有开始事件。",
        "Where there is an end event there must be a start event.",
        "加一个开始事件。",
        "Add a start event.",
    ),
    "nodeWithoutIncoming": (
        "没有流进入这个 {kind}。",
        "No flow leads into this {kind}.",
        "连上它或删除它。",
        "Connect it or remove it.",
    ),
    "nodeWithoutOutgoing": (
        "没有流离开这个 {kind}。",
        "No flow leaves this {kind}.",
        "连到后续节点或结束事件。",
        "Connect it to what follows or to an end event.",
    ),
    # events
    "triggerNotAllowed": (
        "{kind} 在此处不能用 {trigger} 触发。",
        "A {kind} may not have a {trigger} trigger here.",
        "换一种触发，或换一种事件。",
        "Choose another trigger or another event.",
    ),
    "triggerInterrupts": (
        "{trigger} 触发必须是中断型。",
        "A {trigger} trigger is always interrupting.",
        "改成中断型。",
        "Make it interrupting.",
    ),
    "triggerMissing": (
        "{kind} 在此处必须有触发。",
        "A {kind} needs a trigger here.",
        "选择一种触发，如消息或定时。",
        "Choose one, such as message or timer.",
    ),
    "messageRefMissing": (
        "可执行流程的消息事件没有指定消息。",
        "In an executable process a message event must name its message.",
        "选择消息。",
        "Choose the message.",
    ),
    "operationMissing": (
        "可执行流程的消息事件没有指定操作（operationRef）。",
        "In an executable process a message event must name its operation (operationRef).",
        "按 BPMN 2.0 指定操作，或导入为本平台的模型。",
        "Name the operation as BPMN 2.0 demands, or import the file as a model of this platform.",
    ),
    "linkPair": (
        "链接事件 {name} 的来源与目标不是一对。",
        "The link event {name} and its other end do not name each other.",
        "核对 source 与 target。",
        "Check source and target.",
    ),
    "linkScope": (
        "链接事件 {name} 的两端不在同一层流程里。",
        "The ends of the link {name} are not on the same level of a process.",
        "把两端放到同一层。",
        "Put both ends on the same level.",
    ),
    "definitionShared": (
        "抛出事件里的事件定义 {id} 不能被别的事件引用。",
        "The event definition {id} belongs to a throwing event and may not be used by another.",
        "给每个事件各自的定义。",
        "Give each event its own definition.",
    ),
}
