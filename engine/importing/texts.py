"""The sentences of the report: (Chinese, English). ``{before}`` and ``{after}`` are texts of the file."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # expressions and scripts
    "expression": ("表达式转换为 FEEL：{before} → {after}", "The expression is FEEL now: {before} → {after}"),
    "condition": ("条件转换为 FEEL：{before} → {after}", "The condition is FEEL now: {before} → {after}"),
    "unconvertible": (
        "表达式“{before}”无法自动转换（{zh}），请改写为 FEEL；在此之前不能部署。",
        "The expression '{before}' cannot be converted ({en}); write it in FEEL before the model can be deployed.",
    ),
    "script": ("脚本转换为 FEEL 脚本任务：{after}", "The script is a FEEL script task now: {after}"),
    "scriptThrows": (
        "抛出 BPMN 错误“{after}”的脚本转换为含错误结束事件的子流程。",
        "The script that throws the BPMN error '{after}' is a sub-process with an error end event now.",
    ),
    "scriptJob": (
        "脚本转换为类型“{after}”的作业，需要有执行者完成它。",
        "The script is a job of type '{after}' now; a worker must do it.",
    ),
    "scriptUnconvertible": (
        "脚本无法自动转换（{zh}）；已改为类型“{after}”的作业，请写成 FEEL 或由执行者完成。",
        "The script cannot be converted ({en}); it is a job of type '{after}' now. Write it in FEEL or let a worker do it.",
    ),
    "scriptLog": (
        "脚本中的日志输出“{before}”没有作用。",
        "'{before}' of the script, which only writes a log, has no effect.",
    ),
    "scriptResource": (
        "脚本在外部文件“{before}”中，没有导入。",
        "The script lies in the file '{before}' and was not imported.",
    ),
    "constant": (
        "变量“{after}”与本平台的只读常量同名，在办件中读到的是常量；请改名。",
        "The variable '{after}' is called like a read-only constant of this platform, which is read in cases; rename it.",
    ),
    # work
    "assignee": ("办理人：{before} → {after}", "Assignee: {before} → {after}"),
    "candidateUsers": ("候选人：{before} → {after}", "Candidate users: {before} → {after}"),
    "candidateGroups": ("候选组：{before} → {after}", "Candidate groups: {before} → {after}"),
    "roles": (
        "候选组“{after}”须是本平台的角色代码，请核对。",
        "The candidate groups '{after}' must be role codes of this platform; check them.",
    ),
    "dueDate": ("到期时间：{before} → {after}", "Due date: {before} → {after}"),
    "priority": ("优先级：{before} → {after}", "Priority: {before} → {after}"),
    "form": ("表单：{before} → {after}", "Form: {before} → {after}"),
    "formMade": (
        "由 {before} 个表单字段生成表单“{after}”，请发布。",
        "A form '{after}' was made of {before} form fields; publish it.",
    ),
    "formMissing": (
        "任务没有表单，已指定空白表单“{after}”，请设计并发布。",
        "The task has no form; the blank form '{after}' was named, design and publish it.",
    ),
    "job": (
        "服务实现“{before}”转换为类型“{after}”的作业。",
        "The implementation '{before}' is a job of type '{after}' now.",
    ),
    "worker": (
        "类型“{after}”的作业需要有执行者或平台服务完成。",
        "A worker or a service of the platform must do jobs of type '{after}'.",
    ),
    "implementationMissing": (
        "任务没有实现，作业类型取其标识“{after}”。",
        "The task has no implementation; its id '{after}' is the type of its job.",
    ),
    "evaluate": (
        "表达式由任务的输出映射求值：{before} → {after}",
        "The expression is evaluated by the task's output mapping: {before} → {after}",
    ),
    "field": (
        "注入字段“{name}”转换为作业的常量或输入。",
        "The injected field '{name}' is a header or an input of the job now.",
    ),
    "result": ("结果变量：{before} → {after}", "Result variable: {before} → {after}"),
    "input": (
        "输入参数“{after}”转换为输入映射：{before}",
        "The input parameter '{after}' is an input mapping now: {before}",
    ),
    "output": (
        "输出参数“{after}”转换为输出映射：{before}",
        "The output parameter '{after}' is an output mapping now: {before}",
    ),
    "decision": ("决策引用：{before} → {after}", "Called decision: {before} → {after}"),
    "receiveTask": (
        "没有消息的接收任务由外部调用推进，改为由人确认的用户任务。",
        "A receive task without message waits for a call from outside; it is a user task that a person confirms now.",
    ),
    # structure
    "called": ("调用的流程：{before} → {after}", "Called process: {before} → {after}"),
    "calledVersion": ("版本绑定：{before} → {after}", "Version binding: {before} → {after}"),
    "calledIn": ("传入变量：{before} → {after}", "Variables in: {before} → {after}"),
    "calledOut": ("传出变量：{before} → {after}", "Variables out: {before} → {after}"),
    "callIsolated": (
        "没有声明传递的变量：原引擎不传递任何变量，照此设置。",
        "No variables are declared to cross: the source engine passes none, and so it is set.",
    ),
    "loop": ("多实例：{before} → {after}", "Multi-instance: {before} → {after}"),
    "terminate": ("终止事件结束：{after}", "What the terminate event ends: {after}"),
    "timer": ("定时：{before} → {after}", "Timer: {before} → {after}"),
    "name": ("名称中的表达式“{before}”在这里不求值。", "The expression in the name '{before}' is not evaluated here."),
    "errorDeclared": (
        "错误“{before}”没有声明，已按代码声明。",
        "The error '{before}' was not declared; it is declared by its code now.",
    ),
    "codeMissing": ("没有代码，取其标识“{after}”。", "There was no code; the id '{after}' is the code."),
    "codeVariable": ("代码写入变量“{after}”。", "The code is written to the variable '{after}'."),
    "codeVariableLost": (
        "变量“{before}”得不到代码或信息。",
        "The variable '{before}' will not get the code or message.",
    ),
    "messageDeclared": (
        "没有消息，已声明消息“{after}”。",
        "There was no message; the message '{after}' is declared now.",
    ),
    "variableFilter": (
        "条件只在这些变量变化时检查：{after}",
        "The condition is looked at when these variables change: {after}",
    ),
    "scope": (
        "信号原本只在本实例内有效，这里也会传给其他实例，请核对。",
        "The signal was meant for this instance only; here it reaches others too, check it.",
    ),
    "dataObject": ("数据对象“{after}”的初值：{before}", "The data object '{after}' begins as {before}"),
    "listener": (
        "监听器转换为输出映射：{before} → {after}",
        "The listener is an output mapping now: {before} → {after}",
    ),
    "listenerLost": (
        "监听器“{before}”没有作用，请改用服务任务或映射。",
        "The listener '{before}' has no effect; use a service task or a mapping.",
    ),
    "ignored": ("“{name}”在这里没有作用：{before}", "'{name}' has no effect here: {before}"),
    "decide": ("“{name}”需要人工处理：{before}", "'{name}' is left to you: {before}"),
    # repairs
    "id": ("补上标识“{after}”。", "The missing id is '{after}' now."),
    "executable": ("没有说明是否可执行，设为可执行。", "It did not say whether it is executable; it is now."),
    "namespace": ("命名空间改为 BPMN 2.0：{before}", "The namespace is BPMN 2.0 now: {before}"),
    "order": ("子元素“{before}”移到规定的位置。", "The child '{before}' stands where the schema wants it now."),
    "targetNamespace": ("补上 targetNamespace。", "The missing targetNamespace was added."),
    "idSpaces": ("标识“{before}”首尾的空格已去掉。", "The spaces around the id '{before}' are gone."),
    "boundaryEnds": (
        "边界事件没有流出的流：补上结束事件“{after}”。",
        "No flow left the boundary event; the end event '{after}' was added.",
    ),
    "oneEvent": (
        "只有一个事件的事件网关没有选择，改为排他网关。",
        "An event-based gateway with one event chooses nothing; it is an exclusive gateway now.",
    ),
    "alwaysTaken": (
        "没有条件的流在原引擎中总能通过，已写明条件。",
        "The source engine always takes a flow without condition; its condition says so now.",
    ),
    "duplicateId": (
        "重复且无人引用的标识“{before}”改为“{after}”。",
        "The id '{before}', used twice and referred to by nobody, is '{after}' now.",
    ),
    "diagram": ("文件没有图形，已自动排版。", "The file had no diagram; a simple one was laid out."),
}
