"""Tiny decision models for tests: one construct each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.decisions.names import NEWEST
from engine.decisions.pipeline import read
from engine.limits import Limits
from forms.decisions import DecisionResult, decide
from forms.kernel import Kernel, plain

Ask = Callable[..., DecisionResult]


def dmn(body: str, *, namespace: str = "urn:test", space: str = NEWEST, head: str = "") -> bytes:
    """A model with this content."""
    return f'<definitions xmlns="{space}" namespace="{namespace}" name="m" id="m" {head}>{body}</definitions>'.encode()


def literal(text: str, type_: str = "") -> str:
    """A literal expression."""
    reference = f' typeRef="{type_}"' if type_ else ""
    return f"<literalExpression{reference}><text>{text}</text></literalExpression>"


def given(name: str, type_: str = "Any") -> str:
    """An input data element; its id is `i_` and its name."""
    return f'<inputData id="i_{name}" name="{name}"><variable name="{name}" typeRef="{type_}"/></inputData>'


def decision(name: str, logic: str, *needs: str, type_: str = "Any") -> str:
    """A decision called `name` with id `d_name` that needs these ids (i_ input, d_ decision, k_ knowledge)."""
    rows = "".join(_need(need) for need in needs)
    return f'<decision id="d_{name}" name="{name}"><variable name="{name}" typeRef="{type_}"/>{rows}{logic}</decision>'


def _need(reference: str) -> str:
    kind = reference.rpartition("#")[2][:2]
    href = reference if "#" in reference else f"#{reference}"
    if kind == "k_":
        return f'<knowledgeRequirement><requiredKnowledge href="{href}"/></knowledgeRequirement>'
    inner = "requiredInput" if kind == "i_" else "requiredDecision"
    return f'<informationRequirement><{inner} href="{href}"/></informationRequirement>'


def knowledge(name: str, parameters: str, body: str, *needs: str, type_: str = "Any") -> str:
    """A knowledge model with id `k_name`; `parameters` are `name:type` separated by spaces."""
    rows = "".join(
        f'<formalParameter name="{n}" typeRef="{t or "Any"}"/>'
        for n, _, t in (p.partition(":") for p in parameters.split())
    )
    requirements = "".join(_need(need) for need in needs)
    return (
        f'<businessKnowledgeModel id="k_{name}" name="{name}"><variable name="{name}" typeRef="{type_}"/>'
        f"<encapsulatedLogic>{rows}{body}</encapsulatedLogic>{requirements}</businessKnowledgeModel>"
    )


def table(inputs: str, outputs: str, *rules: str, policy: str = "UNIQUE", more: str = "") -> str:
    """A table: inputs are FEEL texts separated by `|`, outputs `<output …/>` elements, rules `test|test => out|out`."""
    columns = "".join(
        f'<input id="c{i}"><inputExpression><text>{text.strip()}</text></inputExpression></input>'
        for i, text in enumerate(inputs.split("|"))
    )
    rows = "".join(_rule(rule, index) for index, rule in enumerate(rules))
    return f'<decisionTable id="t" hitPolicy="{policy}" {more}>{columns}{outputs}{rows}</decisionTable>'


def _rule(rule: str, index: int) -> str:
    tests, _, outs = rule.partition("=>")
    left = "".join(f"<inputEntry><text>{t.strip()}</text></inputEntry>" for t in tests.split("|"))
    right = "".join(f"<outputEntry><text>{o.strip()}</text></outputEntry>" for o in outs.split("|"))
    return f'<rule id="r{index}">{left}{right}</rule>'


def asker(kernel: Kernel) -> Ask:
    """Evaluates `target` (a node's name) of a model, with what it imports."""

    def ask(
        xml: bytes,
        target: str,
        inputs: Mapping[str, Any] | None = None,
        *,
        imports: Mapping[str, bytes] | None = None,
        now: str | None = None,
    ) -> DecisionResult:
        model, plan, _ = read(xml, Limits(), imports)
        keys = [
            key
            for key, node in plan.data["nodes"].items()
            if node["name"] == target and key.startswith(f"{model.namespace}#")
        ]
        return decide(kernel, plan.data, plan.digest, keys[0], inputs or {}, now=now)

    return ask


def value(result: DecisionResult) -> Any:
    """The value with plain ISO texts, when nothing went wrong."""
    assert result.errors == (), result.errors
    return plain(result.value)


def codes(result: DecisionResult) -> set[str]:
    """Codes of what went wrong."""
    return {problem.code for problem in result.errors}
