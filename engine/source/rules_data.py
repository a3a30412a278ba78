"""Rules of the standard: activities, data, pools, choreographies and conversations."""

from __future__ import annotations

DATA_RULES: dict[str, tuple[str, str, str, str]] = {
    # activities
    "quantity": (
        "{name} 必须至少为 1：{value}。",
        "{name} must be 1 or more, not {value}.",
        "改为 1 或更大。",
        "Set it to 1 or more.",
    ),
    "adHocEmpty": (
        "即席子流程里没有活动。",
        "The ad-hoc sub-process holds no activity.",
        "放进至少一个活动。",
        "Put at least one activity into it.",
    ),
    "adHocContent": (
        "即席子流程里不能有 {kind}。",
        "An ad-hoc sub-process may not hold a {kind}.",
        "删除它。",
        "Remove it.",
    ),
    "loopWithoutInput": (
        "可执行的多实例活动没有基数，也没有输入数据。",
        "An executable multi-instance activity needs a cardinality or an input.",
        "填写基数或输入集合。",
        "Set the cardinality or the input collection.",
    ),
    "loopInputForeign": (
        "多实例任务的输入不是它自己的数据输入。",
        "The input of a multi-instance task is not one of its own data inputs.",
        "引用该任务 ioSpecification 里的 dataInput。",
        "Refer to a dataInput of the task's ioSpecification.",
    ),
    "loopItemKind": (
        "多实例的元素 {name} 与集合的类型不符。",
        "The item {name} of the multi-instance is not a single one of its collection.",
        "元素的类型应与集合相同，且不是集合。",
        "Give it the collection's type, but not as a collection.",
    ),
    "publicExecutable": (
        "公开流程不能标为可执行。",
        "A public process may not be executable.",
        "改为私有流程。",
        "Make it a private process.",
    ),
    "serviceInputSets": (
        "引用操作的服务任务必须恰有一个输入集。",
        "A service task with an operation has exactly one input set.",
        "改为一个输入集。",
        "Keep one input set.",
    ),
    "serviceOutputSets": (
        "引用操作的服务任务至多一个输出集。",
        "A service task with an operation has at most one output set.",
        "改为一个输出集。",
        "Keep one output set.",
    ),
    "serviceItems": (
        "服务任务的 {what} 与操作的消息类型不同。",
        "The {what} of the service task is not the item of its operation's message.",
        "改为同一数据类型。",
        "Use the same item definition.",
    ),
    "messageDataSets": (
        "收发消息的任务至多有一个 {what}，在一个集合里。",
        "A task that sends or receives a message has at most one {what}, in one set.",
        "只留一个。",
        "Keep one.",
    ),
    "messageItems": (
        "收发任务的 {what} 与消息的类型不同。",
        "The {what} of the task is not the item of its message.",
        "改为消息的数据类型。",
        "Use the item definition of the message.",
    ),
    "subProcessData": (
        "子流程不能有输入输出说明（ioSpecification）。",
        "A sub-process may not have an ioSpecification.",
        "子流程直接使用外层的数据，删除它。",
        "Remove it: a sub-process sees the data around it.",
    ),
    # data
    "collectionDiffers": (
        "isCollection 与数据类型的定义不一致。",
        "isCollection contradicts the item definition.",
        "改成一致。",
        "Make them agree.",
    ),
    "dataObjectName": (
        "数据对象引用的名称“{name}”应为“{wanted}”。",
        "The data object reference {name} must be named {wanted}.",
        "名称是“数据对象 [状态]”。",
        "The name is: data object [state].",
    ),
    "dataNotInSet": (
        "{what} {id} 不在任何集合里。",
        "The {what} {id} is in no set.",
        "放进一个输入集或输出集。",
        "Put it into an input or output set.",
    ),
    "subsetNotInSet": (
        "{name} 里的数据不在同一集合的数据列表里。",
        "{name} lists data that is not among the data of its set.",
        "先列入该集合。",
        "List it in the set too.",
    ),
    "setsOneSided": (
        "输入集与输出集没有互相引用。",
        "An input set and an output set do not name each other.",
        "两边都写上引用。",
        "Name the other one on both sides.",
    ),
    "dataDirection": (
        "数据关联的方向不对：数据不能流入输出，也不能流出输入。",
        "The data association runs the wrong way: nothing flows into an output's source or an input's target here.",
        "重新连接数据关联。",
        "Connect it again.",
    ),
    "dataSourcesSeveral": (
        "没有转换的数据关联必须恰有一个来源。",
        "A data association without transformation has exactly one source.",
        "只留一个来源，或写上转换。",
        "Keep one source or add a transformation.",
    ),
    "dataItemsDiffer": (
        "数据关联两端的数据类型不同，又没有转换。",
        "The ends of the data association have different items and there is no transformation.",
        "改为同一类型，或写上转换。",
        "Use the same item definition or add a transformation.",
    ),
    "eventDataCount": (
        "事件有 {data} 个数据，却有 {triggers} 个触发。",
        "The event has {data} data elements for {triggers} triggers.",
        "每个触发对应一个数据。",
        "Give each trigger its data.",
    ),
    "eventDataItem": (
        "事件的数据与 {trigger} 触发的类型不同。",
        "The data of the event is not the item of its {trigger} trigger.",
        "改为同一数据类型。",
        "Use the same item definition.",
    ),
    "bindingMissing": (
        "对外提供接口的流程没有把输入输出绑定到操作（ioBinding）。",
        "What offers an interface binds its input and output to an operation (ioBinding).",
        "补上 ioBinding。",
        "Add the ioBinding.",
    ),
    "bindingItem": (
        "绑定的数据与操作的消息类型不同。",
        "The bound data is not the item of the operation's message.",
        "改为同一数据类型。",
        "Use the same item definition.",
    ),
    "callData": (
        "调用活动的 {what} 与被调用的 {called} 不一致。",
        "The {what} elements of the call activity are not those of the called {called}.",
        "两边写成一样。",
        "Make both sides equal.",
    ),
    # pools, choreographies, conversations
    "messageFlowDirection": (
        "消息流的方向与 {kind} 不符。",
        "A message flow cannot run this way at a {kind}.",
        "消息从抛出事件、结束事件流出，流入开始事件、捕获事件。",
        "Messages leave throwing and end events and enter start and catching ones.",
    ),
    "messageFlowTrigger": (
        "消息流连到事件 {id}，它却没有消息触发。",
        "A message flow is connected to the event {id}, which has no message trigger.",
        "给该事件设置消息。",
        "Give the event a message.",
    ),
    "multiplicity": (
        "参与者数量无效：最少 {minimum}，最多 {maximum}。",
        "The multiplicity is not valid: minimum {minimum}, maximum {maximum}.",
        "最少不小于 0，最多不小于 1 且不小于最少。",
        "minimum is 0 or more, maximum 1 or more and not less than minimum.",
    ),
    "choreographyReferences": (
        "编排图和全局会话不能引用编排图。",
        "A choreography or global conversation may not refer to a choreography.",
        "删除 choreographyRef。",
        "Remove the choreographyRef.",
    ),
    "conversationContent": (
        "全局会话里不能有 {kind}。",
        "A global conversation may not hold a {kind}.",
        "删除它。",
        "Remove it.",
    ),
    "choreographyInitiator": (
        "编排任务的发起方不是它的参与者。",
        "The initiating participant of the choreography task is none of its participants.",
        "选择其中一个参与者。",
        "Choose one of its participants.",
    ),
}
