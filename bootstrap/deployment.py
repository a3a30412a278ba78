"""Deploying files: the forms, decisions and models of a folder, in this order, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from bootstrap.errors import BadInput
from domain.context import Context
from domain.decisions import service as decisions
from domain.decisions.errors import DecisionRefused
from domain.definitions import service as definitions
from domain.definitions.errors import DefinitionRefused
from engine.decisions.files import in_order

MODEL, FORM, DECISIONS = ".bpmn", ".form", ".dmn"


@dataclass(frozen=True, slots=True)
class Deployed:
    """What became of one file. ``version`` is the version that now serves new cases."""

    file: Path
    kind: str
    key: str
    version: int


class FileRefused(DefinitionRefused):
    """A model file was refused; ``file`` says which."""

    def __init__(self, file: Path, findings: list[dict[str, object]]) -> None:
        super().__init__(findings)
        self.file = file


def deploy_paths(ctx: Context, paths: Iterable[Path], *, key: str | None = None, note: str = "") -> list[Deployed]:
    """Deploy files and folders; an identical file is no new version.

    A model's key is ``key``, else the name of its folder when that holds its forms too, else the file's name.
    Raises :class:`FileRefused` with all findings of the first model that cannot be deployed, :class:`BadInput`.
    """
    files = sorted({file for path in paths for file in _files(path)})
    models = [file for file in files if file.suffix == MODEL]
    if key and len(models) != 1:
        raise BadInput(
            "--key 只能用于一个模型文件。",
            "--key is for exactly one model file.",
            next_zh="请逐个部署，或去掉 --key。",
            next_en="Deploy one by one, or leave --key out.",
        )
    done = [_publish(ctx, file) for file in files if file.suffix == FORM]
    done += _decide(ctx, [file for file in files if file.suffix == DECISIONS], note)
    return done + [_deploy(ctx, file, key or _key_of(file), note) for file in models]


def _files(path: Path) -> Sequence[Path]:
    if path.is_dir():
        found = [file for suffix in (MODEL, FORM, DECISIONS) for file in path.rglob(f"*{suffix}")]
        if not found:
            raise BadInput(
                f"目录 {path} 里没有模型、决策或表单。",
                f"The folder {path} holds no model (*.bpmn), decisions (*.dmn) or form (*.form).",
            )
        return found
    if not path.is_file():
        raise BadInput(
            f"没有文件 {path}。", f"There is no file {path}.", next_zh="请核对路径。", next_en="Check the path."
        )
    if path.suffix not in {MODEL, FORM, DECISIONS}:
        raise BadInput(
            f"{path} 不是可部署的文件。",
            f"{path} is not a file that can be deployed.",
            next_zh="可部署 .bpmn 模型、.dmn 决策和 .form 表单。",
            next_en="Deploy .bpmn models, .dmn decisions and .form forms.",
        )
    return [path]


def _key_of(file: Path) -> str:
    folder = file.resolve().parent
    alone = len(list(folder.glob(f"*{MODEL}"))) == 1
    return folder.name if alone and any(folder.rglob(f"*{FORM}")) else file.stem


def _publish(ctx: Context, file: Path) -> Deployed:
    try:
        schema = orjson.loads(file.read_bytes())
        form_id = schema["id"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise BadInput(
            f"表单 {file} 不是有 id 的 JSON：{error}。",
            f"The form {file} is not JSON with an id: {error}.",
            next_zh="请用表单编辑器导出的 JSON。",
            next_en="Use the JSON that the form editor exports.",
        ) from None
    form = definitions.publish_form(ctx, str(form_id), schema)
    return Deployed(file, "form", form.form_id, form.version)


def _decide(ctx: Context, files: Sequence[Path], note: str) -> list[Deployed]:
    """Decision models, each after those it imports. The key is the file's name."""
    sources = [file.read_bytes() for file in files]
    done = []
    for index in in_order(sources):
        try:
            made = decisions.deploy(ctx, files[index].stem, sources[index], note)
        except DecisionRefused as error:
            raise FileRefused(files[index], error.findings) from None
        done.append(Deployed(files[index], "decisions", made.key, made.version))
    return done


def _deploy(ctx: Context, file: Path, key: str, note: str) -> Deployed:
    try:
        made = definitions.deploy(ctx, key, file.read_bytes(), note)
    except DefinitionRefused as error:
        raise FileRefused(file, error.findings) from None
    return Deployed(file, "model", made.key, made.version)
