"""The command line ``lianban``."""

from __future__ import annotations

import sys

import click
from sqlalchemy.exc import OperationalError

from bootstrap.commands.administrator import administrator
from bootstrap.commands.audit import audit
from bootstrap.commands.cases import case
from bootstrap.commands.clock import clock
from bootstrap.commands.contracts import contract
from bootstrap.commands.db import db
from bootstrap.commands.definitions import deploy
from bootstrap.commands.imports import import_models
from bootstrap.commands.items import item
from bootstrap.commands.keys import keys
from bootstrap.commands.registers import registers
from bootstrap.commands.scenarios import test
from bootstrap.commands.serving import demo, scheduler, serve, web, worker
from bootstrap.commands.sites import sites
from bootstrap.commands.surface import EXIT_CODES, show_error, show_usage_error
from bootstrap.database import refused_connection
from bootstrap.errors import BootstrapError
from domain.errors import DomainError
from engine.errors import EngineError
from forms.errors import FormsError


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog=EXIT_CODES,
)
@click.version_option(package_name="lianban", prog_name="lianban")
def cli() -> None:
    """联办 Lianban: government work that several sites do together.

    \b
    First steps
      lianban demo                      start everything with demo sites, people and workflows
      lianban administrator create a.b  the first platform administrator of a deployment that is no demo
      lianban case demo                 play a household move between two provinces in the terminal
      lianban clock advance 5wd         in training mode: let five working days pass
      lianban deploy workflows/…        check and publish a model
      lianban import old.bpmn --report  convert a model of Camunda, Flowable or Activiti
      lianban test workflows/…          play the model's scenario tests
      lianban contract show ITEM        which fields and materials of an item may cross between its sites
      lianban audit verify FILE         check an evidence package offline

    Data, keys and the embedded PostgreSQL lie in LIANBAN_HOME (./var). Settings: docs/configuration.md.
    """


for command in (
    demo,
    serve,
    web,
    scheduler,
    worker,
    db,
    deploy,
    test,
    import_models,
    clock,
    case,
    contract,
    item,
    keys,
    audit,
    administrator,
    sites,
    registers,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line; expected refusals end with a text in both languages and an exit code, never a traceback."""
    try:
        answer = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        sys.exit(show_usage_error(error))
    except (BootstrapError, DomainError, FormsError, EngineError) as error:
        sys.exit(show_error(error))
    except OperationalError as error:
        sys.exit(show_error(refused_connection(error)))
    sys.exit(answer if isinstance(answer, int) else 0)  # click returns what a command passed to Exit


if __name__ == "__main__":
    main()
