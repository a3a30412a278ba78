"""Rules of single elements, pools, lanes and of what the normaliser repaired."""

from __future__ import annotations

ELEMENT_RULES: dict[str, tuple[str, str, str, str]] = {
    # what elements need
    "formMissing": (
        "用户任务没有表单。",
        "The user task has no form.",
        "在属性面板选择表单。",
        "Choose a form in the properties panel.",
    ),
    "serviceTypeMissing": (
        "服务任务没有类型。",
        "The task has no service type.",
        "填写任务定义的类型。",
        "Set the type of the task definition.",
    ),
    "scriptMissing": (
        "脚本任务没有 FEEL 表达式。",
        "The script task has no FEEL expression.",
        "填写 FEEL 表达式。",
        "Write a FEEL expression.",
    ),
    "messageMissing": (
        "没有指定消息，或消息没有名称。",
        "No message is chosen, or the message has no name.",
        "选择有名称的消息。",
        "Choose a message that has a name.",
    ),
    "referenceMissing": (
        "引用的 {what} 不存在：{id}。",
        "The referenced {what} does not exist: {id}.",
        "重新选择。",
        "Choose it again.",
    ),
    "signalMissing": ("没有指定信号。", "No signal is chosen.", "选择信号。", "Choose a signal."),
    "errorCodeMissing": (
        "抛出的错误没有代码。",
        "The thrown error has no code.",
        "填写错误代码。",
        "Give the error a code.",
    ),
    "escalationCodeMissing": (
        "抛出的升级没有代码。",
        "The thrown escalation has no code.",
        "填写升级代码。",
        "Give the escalation a code.",
    ),
    "eventConditionMissing": (
        "条件事件没有条件。",
        "The conditional event has no condition.",
        "填写 FEEL 条件。",
        "Write a FEEL condition.",
    ),
    "conditionFilter": (
        "条件只能在变量创建（create）或更新（update）时判断：{name}",
        "A condition is looked at when a variable is created or updated, not on {name}.",
        "改为 create、update 或留空。",
        "Write create, update or nothing.",
    ),
    "triggersTogether": (
        "这些触发不能与其他触发放在同一个事件上：{what}。",
        "These triggers cannot stand together with others on this event: {what}.",
        "拆成几个事件。",
        "Make separate events.",
    ),
    "duplicateTrigger": (
        "同一个事件上有两个相同的触发。",
        "The event has the same trigger twice.",
        "删除其中一个。",
        "Remove one of them.",
    ),
    "linkInvalid": (
        "链接事件必须有名称，同名的捕获恰有一个：{name}。",
        "A link event needs a name and exactly one catch of that name: {name}.",
        "核对链接名称。",
        "Check the link names.",
    ),
    "timerMissing": (
        "定时事件没有时间。",
        "The timer event has no time.",
        "填写时长、日期或周期。",
        "Set a duration, date or cycle.",
    ),
    "timerInvalid": (
        "时间写法无效：{text}",
        "Not a valid time: {text}",
        "用 PT4H、P40D、5wd、2026-10-01T09:00:00+08:00、R3/P1D，或以 = 开头的 FEEL。",
        "Write PT4H, P40D, 5wd, 2026-10-01T09:00:00+08:00, R3/P1D, or FEEL beginning with =.",
    ),
    "timerCycleHere": (
        "此处不能用周期定时。",
        "A cycle cannot be used here.",
        "改用时长或日期。",
        "Use a duration or a date.",
    ),
    "calledElementMissing": (
        "调用活动没有指定流程，或文件中没有该流程：{id}。",
        "The call activity names no process of this file: {id}.",
        "选择同一文件中的流程。",
        "Choose a process of the same file.",
    ),
    "calledElementStart": (
        "被调用的流程 {id} 没有无触发的开始事件。",
        "The called process {id} has no start event without trigger.",
        "给它加一个无触发开始事件。",
        "Give it a none start event.",
    ),
    "multiInstanceMissing": (
        "多实例没有输入集合或基数。",
        "The multi-instance has no input collection or cardinality.",
        "填写输入集合。",
        "Set the input collection.",
    ),
    "multiInstanceOutput": (
        "输出集合和输出元素必须同时填写。",
        "Output collection and output element go together.",
        "补上另一项。",
        "Set the other one too.",
    ),
    "mappingTarget": (
        "映射的目标变量名无效：{target}",
        "Not a valid target variable: {target}",
        "用字母开头的变量名，如 result.code。",
        "Use names such as result.code.",
    ),
    "mappingSource": (
        "映射没有来源：{target}",
        "The mapping to {target} has no source.",
        "填写来源。",
        "Set its source.",
    ),
    "badFeel": (
        "FEEL 表达式有误：{source}（{reason}）",
        "Bad FEEL: {source} ({reason})",
        "按提示修改表达式。",
        "Correct the expression.",
    ),
    # pools
    "participantProcessMissing": (
        "泳池引用的流程不存在：{id}。",
        "The pool's process does not exist: {id}.",
        "重新选择流程。",
        "Choose the process again.",
    ),
    "siteMissing": (
        "泳池没有指定机构来源。",
        "The pool does not say which site runs it.",
        "在属性面板填写机构来源。",
        "Set the site source in the properties panel.",
    ),
    "siteRole": (
        "泳池角色只能是 main 或 partner：{role}",
        "A pool's role is main or partner, not {role}.",
        "改正角色。",
        "Correct the role.",
    ),
    "messageFlowEnd": (
        "消息流 {id} 的一端不存在。",
        "A message flow {id} has an end that does not exist.",
        "重新连接。",
        "Connect it again.",
    ),
    "messageFlowSamePool": (
        "消息流的两端在同一个泳池。",
        "A message flow stays inside one pool.",
        "池内用顺序流。",
        "Use a sequence flow inside a pool.",
    ),
    "messageFlowKind": (
        "消息流的两端不能收发消息，或消息不同。",
        "The ends of the message flow cannot send and receive this message.",
        "连接消息事件或收发任务，并选择同一消息。",
        "Connect message events or send and receive tasks with the same message.",
    ),
    "laneNodeMissing": (
        "泳道引用了不存在的节点：{id}。",
        "The lane refers to a node that does not exist: {id}.",
        "重新放置节点。",
        "Place the node again.",
    ),
    "laneRoleMissing": (
        "泳道没有角色，其中有用户任务。",
        "The lane holds user tasks but has no role.",
        "在属性面板填写角色。",
        "Set the role in the properties panel.",
    ),
    "roleMissing": (
        "用户任务没有办理角色。",
        "The user task has no role.",
        "放进有角色的泳道，或填写候选组。",
        "Put it into a lane with a role or set candidate groups.",
    ),
    "roleInvalid": (
        "角色代码无效：{role}",
        "Not a valid role code: {role}",
        "用大写字母和下划线，如 RECV_CLERK。",
        "Use capitals and underscores, such as RECV_CLERK.",
    ),
    "separationUnknown": (
        "职责分离引用的任务不存在：{id}。",
        "The four-eyes rule names a task that does not exist: {id}.",
        "选择本流程中的用户任务。",
        "Choose a user task of this process.",
    ),
    "effectMoment": (
        "on 只能是 enter 或 leave：{on}",
        "The moment is enter or leave, not {on}.",
        "改正 on。",
        "Correct it.",
    ),
    # normaliser
    "repaired": (
        "已自动修正：{what}",
        "Corrected: {what}",
        "可在模型中改正以免再次提示。",
        "Correct it in the model to be rid of this note.",
    ),
}
