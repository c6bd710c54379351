"""Hosts a reference may link to: standards, catalogues and vendors' manuals. Links elsewhere are shown as text."""

from __future__ import annotations

import re

_HOSTS = """
cwe.mitre.org attack.mitre.org nvd.nist.gov csrc.nist.gov pages.nist.gov
owasp.org www.owasp.org cheatsheetseries.owasp.org genai.owasp.org
www.rfc-editor.org datatracker.ietf.org www.w3.org spec.openapis.org json-schema.org graphql.org spec.graphql.org
www.postgresql.org wiki.postgresql.org dev.mysql.com mariadb.com www.sqlite.org www.mongodb.com redis.io
docs.oracle.com learn.microsoft.com docs.aws.amazon.com cloud.google.com sre.google aws.amazon.com
docs.python.org peps.python.org docs.djangoproject.com docs.sqlalchemy.org alembic.sqlalchemy.org
flask.palletsprojects.com fastapi.tiangolo.com docs.celeryq.dev
go.dev pkg.go.dev doc.rust-lang.org docs.rs docs.spring.io docs.hibernate.org jakarta.ee
nodejs.org developer.mozilla.org www.typescriptlang.org www.prisma.io guides.rubyonrails.org edgeguides.rubyonrails.org
laravel.com www.php.net symfony.com kotlinlang.org
kafka.apache.org www.rabbitmq.com grpc.io protobuf.dev buf.build opentelemetry.io
squawkhq.com martinfowler.com microservices.io google.aip.dev docs.stripe.com stripe.com
docs.github.com semgrep.dev
"""

REFERENCE_HOSTS = frozenset(_HOSTS.split())

CWE = re.compile(r"CWE-(\d{1,5})")
CWE_PAGE = "https://cwe.mitre.org/data/definitions/{}.html"
