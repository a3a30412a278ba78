"""Scenario tests that a process designer writes: ``*.scenario.yaml`` beside the model, played on the real platform.

``documents`` reads YAML with line numbers; ``schema`` says what may stand there; ``reading`` makes scenarios of files;
``world`` is the throw-away database; ``stage`` acts, ``expectations`` looks; ``processes`` plays a model without any site;
``running`` puts it together; ``coverage``, ``reports`` and ``junit`` tell what came of it. For designers: docs/scenarios.md.
"""
