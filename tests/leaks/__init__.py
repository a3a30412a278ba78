"""Who gets to see what: every operation of the API, called by everybody about every case, scanned for marks.

The cases of this world carry a mark in every field, so that whatever an answer, a header, a log line or a page shows can be traced
to its case and field. What may be shown stands in ``expected.json``, written from the rules (who, where, which function, which
field), not from the product. That the table knows every route, role, column and field, and the walk itself, are part of each test
run; ``python -m tests.leaks`` prints the counts too.
"""
