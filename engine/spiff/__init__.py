"""SpiffWorkflow as the engine uses it: our parser, task specs, task tree and serializer, all through its extension points."""

import logging

# Spiff writes the data of every task at INFO: personal data never goes to a log.
for _name in (
    "spiff",
    "spiff.task",
    "spiff.workflow",
    "spiff.workflow.bpmn",
    "spiff.data",
    "spiff.metrics",
    "spiff.camunda",
):
    logging.getLogger(_name).setLevel(logging.ERROR)
    logging.getLogger(_name).addHandler(logging.NullHandler())
logging.getLogger("spiff").propagate = False
