"""Service tasks done outside: calls of the platform and external tasks of integrators."""
