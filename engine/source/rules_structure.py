"""Rules of the file, of structure and of flow."""

from __future__ import annotations

STRUCTURE_RULES: dict[str, tuple[str, str, str, str]] = {
    # reading
    "documentTooLarge": (
        "文件超过上限 {limit}。",
        "The file exceeds the limit of {limit}.",
        "拆分模型。",
        "Split the model.",
    ),
    "documentTooDeep": (
        "XML 嵌套超过 {limit} 层。",
        "The XML nests deeper than {limit} levels.",
        "减少嵌套。",
        "Nest less.",
    ),
    "doctype": (
        "文件含有 DOCTYPE 或实体声明。",
        "The file has a DOCTYPE or entity declaration.",
        "用建模工具重新导出，不要手写 DTD。",
        "Export the model again from a modeler; DTDs are never accepted.",
    ),
    "notXml": (
        "文件不是有效的 XML：{reason}",
        "The file is not valid XML: {reason}",
        "修正该行。",
        "Correct that line.",
    ),
    "notBpmn": (
        "根元素不是 BPMN 2.0 的 definitions。",
        "The root element is not BPMN 2.0 definitions.",
        "请上传 .bpmn 文件。",
        "Upload a .bpmn file.",
    ),
    # structure
    "noProcess": (
        "文件中没有可执行流程。",
        "The file has no executable process.",
        "至少画一个可执行的泳池或流程。",
        "Draw at least one executable pool.",
    ),
    "duplicateId": (
        "编号 {id} 重复。",
        "The id {id} is used more than once.",
        "改成不同的编号。",
        "Give each element its own id.",
    ),
    "invalidId": (
        "编号 {id} 无效。",
        "The id {id} is not valid.",
        "用字母或下划线开头，只含字母、数字、下划线、点和连字符。",
        "Begin with a letter or underscore; use letters, digits, underscores, dots and hyphens only.",
    ),
    "missingId": ("元素 {tag} 没有编号。", "A {tag} has no id.", "补上编号。", "Give it an id."),
    "unsupported": (
        "引擎尚不支持：{what}。",
        "The engine does not support {what_en} yet.",
        "改用受支持的画法。",
        "Model it with supported elements.",
    ),
    "emptyProcess": (
        "{id} 里没有任何节点。",
        "{id} holds no node.",
        "画出流程，或删除它。",
        "Draw the process or remove it.",
    ),
    "noStart": (
        "{id} 没有可以启动它的开始事件。",
        "{id} has no start event that could start it.",
        "加一个开始事件。",
        "Add a start event.",
    ),
    "severalNoneStarts": (
        "{id} 有多个无触发开始事件。",
        "{id} has several none start events.",
        "只留一个。",
        "Keep one.",
    ),
    "duplicateStartMessage": (
        "同一消息启动了两个开始事件：{name}。",
        "Two start events wait for the same message {name}.",
        "合并它们。",
        "Merge them.",
    ),
    "flowEndMissing": (
        "顺序流 {id} 的起点或终点不存在。",
        "A sequence flow {id} has an end that does not exist.",
        "重新连接。",
        "Connect it again.",
    ),
    "flowCrossesBoundary": (
        "顺序流跨越了泳池或子流程边界。",
        "A sequence flow crosses the border of a pool or sub-process.",
        "泳池之间用消息流；子流程用边界事件或结束事件。",
        "Use a message flow between pools; leave sub-processes through their border.",
    ),
    "flowIntoStart": (
        "不能有流进入开始事件或边界事件。",
        "No flow may enter a start or boundary event.",
        "删除该流。",
        "Remove the flow.",
    ),
    "flowOutOfEnd": (
        "结束事件之后不能再有流。",
        "No flow may leave an end event.",
        "改用中间抛出事件。",
        "Use an intermediate throw event.",
    ),
    "unreachable": (
        "从开始事件走不到该节点。",
        "No path leads from a start event to this node.",
        "连上它或删除它。",
        "Connect it or remove it.",
    ),
    "noPathToEnd": (
        "从该节点走不到任何结束。",
        "No path leads from this node to an end.",
        "加一条离开循环的路。",
        "Add a way out of the loop.",
    ),
    "boundaryHostMissing": (
        "边界事件没有附着在活动上。",
        "The boundary event is not attached to an activity.",
        "拖到任务或子流程边上。",
        "Attach it to a task or sub-process.",
    ),
    "boundaryWithoutFlow": (
        "边界事件没有流出的流。",
        "No flow leaves the boundary event.",
        "连到后续节点。",
        "Connect it to what follows.",
    ),
    "eventSubprocessFlow": (
        "事件子流程不能有流进出。",
        "An event sub-process has no flows of its own.",
        "删除这些流。",
        "Remove the flows.",
    ),
    "eventSubprocessStart": (
        "事件子流程必须恰有一个带触发的开始事件。",
        "An event sub-process needs exactly one start event with a trigger.",
        "设为消息、定时、错误、升级、信号或条件开始事件。",
        "Give it a message, timer, error, escalation, signal or conditional start event.",
    ),
    "subprocessStart": (
        "嵌入子流程的开始事件不能有触发。",
        "The start event of an embedded sub-process must have no trigger.",
        "改成无触发开始事件。",
        "Use a none start event.",
    ),
    "nonInterruptingError": (
        "错误事件必须是中断型。",
        "An error event must interrupt.",
        "改成中断型。",
        "Make it interrupting.",
    ),
    "duplicateCatcher": (
        "同一活动或范围上有两个相同的捕获：{what}。",
        "Two events catch the same at one place: {what}.",
        "只留一个。",
        "Keep one.",
    ),
    # gateways and flows
    "defaultInvalid": (
        "默认流 {id} 不是从该节点流出的。",
        "The default flow {id} does not leave this node.",
        "重新选择默认流。",
        "Choose the default flow again.",
    ),
    "defaultWithCondition": (
        "默认流上有条件，条件不起作用。",
        "The default flow has a condition, which is ignored.",
        "删除条件。",
        "Remove the condition.",
    ),
    "conditionMissing": (
        "排他或包容网关的流没有条件，也不是默认流。",
        "A flow leaving a deciding gateway has no condition and is not the default.",
        "写上条件，或设为默认流。",
        "Give it a condition or make it the default flow.",
    ),
    "noDefaultFlow": (
        "所有流都有条件而没有默认流；都不成立时流程会停下等待处理。",
        "All flows have conditions and none is the default; when none holds the instance waits with an incident.",
        "设一条默认流。",
        "Set a default flow.",
    ),
    "assumedDefault": (
        "唯一没有条件的流按默认流处理。",
        "The only flow without condition is taken as the default.",
        "把它设为默认流。",
        "Mark it as the default flow.",
    ),
    "conditionIgnored": (
        "此处流上的条件不起作用。",
        "The condition on this flow has no effect here.",
        "删除条件或换成排他网关。",
        "Remove it or use an exclusive gateway.",
    ),
    "eventGatewayTarget": (
        "事件网关后面只能接消息、定时、信号、条件捕获事件或接收任务，且不带边界事件。",
        "An event-based gateway leads to message, timer, signal or conditional catch events or receive tasks without boundary events.",
        "换成捕获事件。",
        "Use catch events.",
    ),
    "eventGatewayFlows": (
        "事件网关至少要有两条流，且目标只能由它到达。",
        "An event-based gateway needs two or more flows, and only it may lead to its events.",
        "补上事件。",
        "Add events.",
    ),
    "parallelEventGateway": (
        "并行事件网关只能用来启动流程。",
        "A parallel event-based gateway can only start a process.",
        "设为实例化，或改成并行网关后接捕获事件。",
        "Let it instantiate, or use a parallel gateway and catch events.",
    ),
    "instantiateNotFirst": (
        "启动流程的接收任务或事件网关必须在流程开头，没有流入。",
        "A receive task or event-based gateway that instantiates stands at the beginning of a process; no flow leads to it.",
        "删除流入的流，或取消实例化。",
        "Remove the incoming flows or do not let it instantiate.",
    ),
    "instantiateRepeated": (
        "启动流程的接收任务不能循环或多实例。",
        "A receive task that instantiates cannot be repeated.",
        "取消循环或多实例。",
        "Remove the loop or multi-instance.",
    ),
    "instantiateTrigger": (
        "启动流程的事件网关后面只能是单个消息或信号。",
        "Behind an event-based gateway that instantiates each event has one message or one signal.",
        "换成消息或信号捕获事件，或接收任务。",
        "Use message or signal catch events or receive tasks.",
    ),
    "parallelDeadlock": (
        "并行网关要等的分支不可能都到达，流程会一直等待。",
        "The parallel gateway waits for branches that can never all come.",
        "用排他网关汇合。",
        "Join them with an exclusive gateway.",
    ),
    "mayDeadlock": (
        "走某些路径时，流程会在这里一直等待。",
        "On some paths the process waits here for ever.",
        "用与分支相同的网关汇合：并行分支用并行网关，选择分支用排他或包容网关。",
        "Join with the gateway that split: parallel with parallel, choices with exclusive or inclusive.",
    ),
    "runsTwice": (
        "没有汇合的并行路径在此相遇，之后的节点会执行多次。",
        "Parallel paths meet here without being joined; what follows runs once for each.",
        "在此之前用并行或包容网关汇合。",
        "Join them with a parallel or inclusive gateway before.",
    ),
    "endlessLoop": (
        "这个循环没有等待，也没有离开的条件，会一直运行。",
        "This loop neither waits nor has a condition to leave: it runs for ever.",
        "在循环里加条件、人工任务或定时事件。",
        "Put a condition, a task of a person or a timer into the loop.",
    ),
    # declarations
    "declarationUnused": (
        "{kind} {id} 没有被使用。",
        "Nothing uses the {kind} {id}.",
        "删除它。",
        "Remove it.",
    ),
    "declarationTwice": (
        "有多个名为“{name}”的 {kind}，运行时按名称匹配，它们是同一个。",
        "Several elements of kind {kind} are named {name}; they match by name and are one.",
        "只留一个。",
        "Keep one.",
    ),
    "messageNeverSent": (
        "文件中没有任何泳池发出消息“{name}”。",
        "No pool of this file sends the message {name}.",
        "核对消息名称，或从发送方画消息流。",
        "Check the name of the message or draw a message flow from its sender.",
    ),
    "messageNeverCaught": (
        "文件中没有任何泳池接收消息“{name}”。",
        "No pool of this file catches the message {name}.",
        "核对消息名称，或画消息流到接收方。",
        "Check the name of the message or draw a message flow to its receiver.",
    ),
    # the list itself
    "findingsOmitted": (
        "还有 {number} 条没有列出。",
        "{number} more are not listed.",
        "先处理已列出的，再检查一次。",
        "Correct those that are listed and check again.",
    ),
}
