"""Imports every table so that migrations and tests see the whole schema."""

from domain.applications import models as applications_models
from domain.audit import models as audit_models
from domain.base import Base
from domain.cases import jobs as cases_jobs
from domain.cases import models as cases_models
from domain.certificates import models as certificates_models
from domain.channels import models as channels_models
from domain.clients import models as clients_models
from domain.connectors import models as connectors_models
from domain.deadlines import models as deadlines_models
from domain.decisions import models as decisions_models
from domain.definitions import models as definitions_models
from domain.disclosure import consents as consents_models
from domain.disclosure import models as disclosure_models
from domain.documents import models as documents_models
from domain.federation import models as federation_models
from domain.identity import idempotency as idempotency_models
from domain.identity import models as identity_models
from domain.items import models as items_models
from domain.jobs import models as jobs_models
from domain.liaison import models as liaison_models
from domain.materials import models as materials_models
from domain.nodes import models as nodes_models
from domain.notifications import models as notifications_models
from domain.outbox import models as outbox_models
from domain.partners import models as partners_models
from domain.privacy import models as privacy_models
from domain.procedures import models as procedures_models
from domain.rates import models as rates_models
from domain.registrations import models as registrations_models
from domain.resealing import models as resealing_models
from domain.secrets import models as secrets_models
from domain.sites import models as sites_models
from domain.trials import models as trials_models
from domain.trust import models as trust_models
from domain.window import models as window_models

metadata = Base.metadata

__all__ = [
    "applications_models",
    "audit_models",
    "cases_jobs",
    "cases_models",
    "certificates_models",
    "channels_models",
    "clients_models",
    "connectors_models",
    "consents_models",
    "deadlines_models",
    "decisions_models",
    "definitions_models",
    "disclosure_models",
    "documents_models",
    "federation_models",
    "idempotency_models",
    "identity_models",
    "items_models",
    "jobs_models",
    "liaison_models",
    "materials_models",
    "metadata",
    "nodes_models",
    "notifications_models",
    "outbox_models",
    "partners_models",
    "privacy_models",
    "procedures_models",
    "rates_models",
    "registrations_models",
    "resealing_models",
    "secrets_models",
    "sites_models",
    "trials_models",
    "trust_models",
    "window_models",
]
