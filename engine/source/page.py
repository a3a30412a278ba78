"""The page of all rules of the validator: ``python -m engine.source.page > docs/rules.md``."""

from __future__ import annotations

import sys

from engine.source.rules import TABLES

HEAD = """# The rules of the validator

Generated from the texts the designer sees (`python -m engine.source.page > docs/rules.md`). `{…}` stands for a value of the model.
A finding names the element, the line, the rule, what is wrong and what to do, in Chinese and English.
Errors refuse a model, warnings never do.

- **Plain BPMN**, a file without the namespaces of an engine's dialect whose nodes list their flows, as modelers write it,
  is held to every rule of BPMN 2.0.2 in its executable processes; also when it is converted first.
- **A dialect** (zeebe with lianban, or an imported Camunda, Flowable or Activiti model) may leave out what it says in other ways, such as
  operations of messages, formal expressions, end events; what the standard forbids there without harm is a warning.
- **A process that is only drawn** (`isExecutable="false"`) gets warnings only.
"""


def page() -> str:
    """Markdown: a table of rules per subject."""
    parts = [HEAD]
    for title, rules in TABLES.items():
        parts.append(f"\n## {title}\n\n| Rule | 说明 | What is wrong | 怎么办 | What to do |\n|---|---|---|---|---|\n")
        parts += [f"| `{name}` | {zh} | {en} | {todo} | {hint} |\n" for name, (zh, en, todo, hint) in rules.items()]
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
