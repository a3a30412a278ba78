"""No change is cut short without a word.

Row-level security (:mod:`domain.row_policies`) leaves out of an ``update`` or ``delete`` the rows that its actor does not see, or may not
delete, and reports no error: a command would say “done” and have done nothing. So every such statement on a guarded table is one of these:

- it names its rows by their keys: then each of them is hit, or :class:`ChangeMissed` is raised and nothing is committed;
- it says which rows it means by other conditions: then it is asked, in the statement itself and once for it, whether its actor reaches
  all that it could mean: the platform acts, a case is held, or the rows are the actor's own (``lianban_reaches``).

Both cost no round trip. Statements of the hot path (:class:`domain.statements.Statement`) write what the very transaction has locked and
are not looked at. What remains, a step of one case that changes another's rows, tests watch (``tests/support/reach_watch.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import BigInteger, BindParameter, Delete, Engine, Table, Update, cast, event, func, null
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, ColumnElement

from domain.base import Base
from domain.errors import Conflict
from domain.row_policies import TABLES, TableClass

GUARDED: Final = frozenset(name for name, rule in TABLES.items() if rule.is_guarded)
_OWNER: Final = "user_id"
"""The column of a person's own tables that says whose a row is."""


class ChangeMissed(Conflict):
    """A change did not hit the rows that it named: somebody else removed them, or its actor does not reach them."""

    code = "change-missed"
    title_zh = "变更没有生效"
    title_en = "The change did not take effect"
    next_zh = "请刷新页面，核对内容是否还在，再试一次。"
    next_en = "Reload, see whether it is still there, and try again."


def watch(engine: Engine) -> None:
    """Look after every change that goes through this engine."""
    event.listen(engine, "before_execute", _before, retval=True)
    event.listen(engine, "after_execute", _after)


def _before(connection: Any, statement: Any, several: Any, values: Any, options: Any) -> tuple[Any, Any, Any]:
    del connection, options
    if _is_guarded(statement) and _keys(statement) is None:
        statement = statement.where(func.lianban_reaches(_whose(statement)))
    return statement, several, values


def _after(connection: Any, statement: Any, several: Any, values: Any, options: Any, result: Any) -> None:
    del connection, options
    if not _is_guarded(statement):
        return
    named = _keys(statement)
    if named is None:
        return
    expected = len(several) if several else _how_many(named, values)
    if result.rowcount != expected:
        raise ChangeMissed(
            "要变更的内容已不存在，或不在可见范围内。", "What was to be changed is gone, or out of reach."
        )


def _is_guarded(statement: Any) -> bool:
    return isinstance(statement, Update | Delete) and _table(statement).name in GUARDED


def _table(statement: Any) -> Table:
    table: Table = statement.table
    return table


def _parts(statement: Any) -> Iterator[ColumnElement[Any]]:
    """The conditions that must all hold."""
    for clause in statement._where_criteria:  # noqa: SLF001 -- SQLAlchemy tells them joined only
        if isinstance(clause, BooleanClauseList) and clause.operator is operators.and_:
            yield from clause.clauses
        else:
            yield clause


def _keys(statement: Any) -> BindParameter[Any] | None:
    """The value (or one of them, or the list), when rows are named by the table's key and nothing else."""
    named: dict[str, BinaryExpression[Any]] = {}
    for part in _parts(statement):
        if not (isinstance(part, BinaryExpression) and isinstance(part.right, BindParameter)):
            return None
        named[getattr(part.left, "key", None) or ""] = part
    # By name: some statements are written over a table's name and columns alone.
    if set(named) != set(Base.metadata.tables[_table(statement).name].primary_key.columns.keys()):
        return None
    several = [part for part in named.values() if part.operator is operators.in_op]
    alone = all(part.operator is operators.eq for part in named.values()) or (len(named) == 1 and several)
    value: BindParameter[Any] = next(iter(named.values())).right  # type: ignore[assignment]  # looked at above
    return value if alone else None


def _whose(statement: Any) -> Any:
    """Whose rows a change of a person's own table means; null: not one person's."""
    if TABLES[_table(statement).name].kind is TableClass.PERSON:
        for part in _parts(statement):
            if (
                isinstance(part, BinaryExpression)
                and part.operator is operators.eq
                and getattr(part.left, "key", None) == _OWNER
            ):
                return cast(part.right, BigInteger)
    return cast(null(), BigInteger)


def _how_many(named: BindParameter[Any], values: Mapping[str, Any]) -> int:
    value: Any = values.get(named.key, named.value) if values else named.value
    return len(set(value)) if isinstance(value, list | tuple | set | frozenset) else 1
