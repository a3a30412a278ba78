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
}
