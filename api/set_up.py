"""What the deployment still lacks before people can be served."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.auth import guard
from api.entry import Routes, platform
from api.schemas import Answer, many
from bootstrap.protection import list_shortcomings
from domain.context import Context
from domain.monitor import set_up
from domain.monitor.set_up import SHOWN, Surroundings

routes = Routes("set-up", "启用清单 Set-up")


class LackRow(Answer):
    """What is missing, by name."""

    name = fields.String(required=True)
    name_en = fields.String(required=True)


class SetUpStep(Answer):
    """A step: ``needed`` before the first case, else wise. ``missing``: the first names; ``count``: how many there are (0: done)."""

    code = fields.String(
        required=True,
        metadata={
            "enum": [
                "regions",
                "sites",
                "administrators",
                "staff",
                "contacts",
                "models",
                "partners",
                "second",
                "offices",
                "calendar",
                "background",
                "applicants",
                "mail",
                "archive",
                "protection",
            ]
        },
    )
    needed = fields.Boolean(required=True)
    done = fields.Boolean(required=True)
    count = fields.Integer(required=True)
    missing = many(LackRow)


class SetUpAnswer(Answer):
    """The steps in the order in which they are done; a site's administrator sees those of the own sites."""

    items = many(SetUpStep)


@routes.on("GET", "/admin/set-up", answer=SetUpAnswer)
@guard("node:read")
def list_steps(ctx: Context) -> dict[str, Any]:
    """启用清单 What is still missing before people can be served."""
    settings = platform().settings
    known = Surroundings(
        mail=bool(settings.smtp_url and settings.mail_from),
        applicants=bool(settings.providers.of(applicants=True)),
        archive=bool(settings.database_url or settings.archive_folder),
        protection=not list_shortcomings(settings),
    )
    return {
        "items": [
            {
                "code": step.code,
                "needed": step.needed,
                "done": step.is_done,
                "count": len(step.missing),
                "missing": [{"name": each.zh, "name_en": each.en} for each in step.missing[:SHOWN] if each.zh],
            }
            for step in set_up.list_steps(ctx, known)
        ]
    }
