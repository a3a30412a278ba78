"""The rules for decision models: (sentence zh, sentence en, hint zh, hint en)."""

from __future__ import annotations

from engine.source.rules_structure import STRUCTURE_RULES

_SHARED = ("documentTooLarge", "documentTooDeep", "doctype", "notXml", "duplicateId")

DECISION_RULES: dict[str, tuple[str, str, str, str]] = {
    **{name: STRUCTURE_RULES[name] for name in _SHARED},
    "notDmn": (
        "根元素不是 DMN 1.1 至 1.5 的 definitions。",
        "The root element is not definitions of DMN 1.1 to 1.5.",
        "请上传 .dmn 文件。",
        "Upload a .dmn file.",
    ),
    "duplicateType": (
        "数据类型 {name} 重复定义。",
        "The data type {name} is defined more than once.",
        "只保留一个定义。",
        "Keep one definition.",
    ),
    "importUnknown": (
        "不能导入这种模型：{what}。",
        "Models of this kind cannot be imported: {what}.",
        "只能导入 DMN 决策模型。",
        "Only DMN decision models can be imported.",
    ),
    "importMissing": (
        "找不到要导入的决策模型 {namespace}。",
        "The imported decision model {namespace} is not there.",
        "先部署被导入的模型，或者一起上传。",
        "Deploy the imported model first, or upload it together with this one.",
    ),
    "unknownType": (
        "数据类型 {name} 没有定义。",
        "The data type {name} is not defined.",
        "在数据类型中定义它，或者改用 FEEL 的类型。",
        "Define it as an item definition, or use a type of FEEL.",
    ),
    "unknownReference": (
        "引用 {href} 指向的元素不存在。",
        "The reference {href} points to nothing.",
        "重新画这条依赖连线。",
        "Draw the requirement again.",
    ),
    "otherLanguage": (
        "不支持表达式语言 {language}。",
        "The expression language {language} is not supported.",
        "改用 FEEL。",
        "Write it in FEEL.",
    ),
    "importedValues": (
        "不支持从外部文件取值。",
        "Values imported from another file are not supported.",
        "把表达式写在模型里。",
        "Write the expression in the model.",
    ),
    "externalFunction": (
        "不支持 {kind} 函数。",
        "Functions in {kind} are not supported.",
        "把函数改写为 FEEL。",
        "Write the function in FEEL.",
    ),
    "hitPolicyUnknown": (
        "命中策略 {policy} 不存在。",
        "There is no hit policy {policy}.",
        "使用 UNIQUE、ANY、PRIORITY、FIRST、RULE ORDER、OUTPUT ORDER 或 COLLECT。",
        "Use UNIQUE, ANY, PRIORITY, FIRST, RULE ORDER, OUTPUT ORDER or COLLECT.",
    ),
    "aggregationUnknown": (
        "汇总方式 {aggregation} 不存在。",
        "There is no aggregation {aggregation}.",
        "使用 SUM、COUNT、MIN 或 MAX。",
        "Use SUM, COUNT, MIN or MAX.",
    ),
    "expressionMissing": (
        "缺少表达式。",
        "An expression is missing.",
        "补上表达式。",
        "Add the expression.",
    ),
    "badFeel": (
        "FEEL 表达式有误：{reason}",
        "A FEEL text is wrong: {reason}",
        "修正表达式；文本要加引号。",
        "Correct the expression; texts need quotation marks.",
    ),
    "unknownFunction": (
        "调用了不存在的函数：{reason}",
        "A function that does not exist is called: {reason}",
        "检查函数名；业务知识模型要用依赖连线连到这个决策。",
        "Check the name; a knowledge model must be connected to this decision by a requirement.",
    ),
    "unknownName": (
        "{reason} 没有来源，取值总是空。",
        "Nothing provides {reason}; it is always null.",
        "用依赖连线连接提供它的输入数据或决策，或者修正名称。",
        "Connect the input data or decision that provides it, or correct the name.",
    ),
    "nothingToDecide": (
        "文件中没有决策。",
        "The file has no decision.",
        "至少画一个决策。",
        "Draw at least one decision.",
    ),
    "nameMissing": ("元素没有名称。", "The element has no name.", "填写名称。", "Give it a name."),
    "duplicateName": (
        "名称 {name} 重复，表达式无法区分。",
        "The name {name} is used more than once; expressions cannot tell them apart.",
        "改成不同的名称。",
        "Give them different names.",
    ),
    "variableNameDiffers": (
        "“{name}” 的变量名是 “{variable}”，表达式里要写变量名。",
        "The variable of {name} is called {variable}; expressions must use that name.",
        "把两个名称改成一样。",
        "Make both names the same.",
    ),
    "logicMissing": (
        "“{name}” 没有决策逻辑，结果总是空。",
        "{name} has no logic; its result is always null.",
        "加上决策表或表达式。",
        "Add a decision table or an expression.",
    ),
    "serviceWithoutOutput": (
        "决策服务 “{name}” 没有输出决策。",
        "The decision service {name} has no output decision.",
        "把至少一个决策放进输出区。",
        "Put at least one decision into its output part.",
    ),
    "inputUntyped": (
        "输入数据 “{name}” 没有数据类型，错误的数据不会被发现。",
        "The input data {name} has no type; wrong data will not be noticed.",
        "选择数据类型。",
        "Choose a type.",
    ),
    "tableWithoutOutput": ("决策表没有输出列。", "The table has no output.", "加一个输出列。", "Add an output column."),
    "tableWithoutRules": ("决策表没有规则。", "The table has no rules.", "加上规则。", "Add rules."),
    "outputNameMissing": (
        "决策表有多个输出列，但有的没有名称。",
        "The table has several outputs, some without a name.",
        "给每个输出列填写名称。",
        "Name every output column.",
    ),
    "duplicateOutput": (
        "决策表的输出列名称重复。",
        "Output columns of the table have the same name.",
        "改成不同的名称。",
        "Give them different names.",
    ),
    "aggregationIgnored": (
        "命中策略 {policy} 不使用汇总方式。",
        "Hit policy {policy} does not aggregate; the aggregation is ignored.",
        "改为 COLLECT，或者去掉汇总方式。",
        "Use COLLECT, or remove the aggregation.",
    ),
    "aggregationOfSeveral": (
        "有多个输出列时不能用 {aggregation} 汇总。",
        "{aggregation} cannot aggregate several output columns.",
        "只留一个输出列，或者去掉汇总方式。",
        "Keep one output column, or remove the aggregation.",
    ),
    "prioritiesMissing": (
        "命中策略 {policy} 需要输出值清单来定优先顺序。",
        "Hit policy {policy} needs a list of output values for the priorities.",
        "在输出列填写允许值，最优先的写在最前面。",
        "List the allowed values of an output, the first one first.",
    ),
    "ruleIncomplete": (
        "第 {number} 条规则的单元格数与列数不一致。",
        "Rule {number} does not have one cell for each column.",
        "补齐或删除多余的单元格。",
        "Add or remove cells.",
    ),
    "rulesOverlap": (
        "第 {first} 条和第 {second} 条规则可能同时命中，而命中策略是 UNIQUE。",
        "Rules {first} and {second} can match at once, but the hit policy is UNIQUE.",
        "把条件分开，或者改用 FIRST、ANY 等命中策略。",
        "Separate their conditions, or use another hit policy such as FIRST or ANY.",
    ),
    "rulesUnreachable": (
        "第 {number} 条规则总是命中，后面的规则不会执行。",
        "Rule {number} always matches; the rules after it are never reached.",
        "把它移到最后。",
        "Move it to the end.",
    ),
    "decisionCycle": (
        "决策互相依赖成环：{path}。",
        "Decisions need one another in a circle: {path}.",
        "去掉其中一条依赖连线。",
        "Remove one of the requirements.",
    ),
    "typeCycle": (
        "数据类型 {name} 包含自己。",
        "The data type {name} contains itself.",
        "改用另一个类型。",
        "Use another type.",
    ),
}
