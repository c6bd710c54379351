"""The table row by row, its hard cases, and every file an earlier prototype got wrong."""

from __future__ import annotations

import pytest

from reviewer.stages.scope import kind_of, language_of
from reviewer.stages.scope_table import table
from tests.bounds import no_endless_work

CASES = {
    "source": """
        app/orders.py cmd/server/main.go src/main/java/com/acme/OrderService.java lib/order.rb src/order.rs Api/Orders.cs
        src/api/orders.ts services/billing/index.js web/controllers/order_controller.ex src/Order.php
        src/core/infrastructure/prisma/order.repository.ts src/core/infrastructure/http/client.go infra/lambda/handler.py
        deploy/migrate.go client/api.go ui/handlers.go components/db.py static/serve.py pkg/build/plan.go
        src/main/java/com/acme/sync/target/Writer.java src/main/java/com/acme/factories/OrderFactory.java
        pages/api/orders.ts src/pages/api/orders.ts apps/web/src/pages/api/pay.ts app/orders/route.ts
        apps/web/app/api/orders/[id]/route.ts middleware.ts src/middleware.ts apps/web/middleware.ts
        src/routes/+server.ts src/routes/orders/+page.server.ts src/hooks.server.ts app/routes/orders.server.tsx
        server/api/orders.ts apps/web/server/trpc/router.ts packages/api/src/trpc/orders.ts supabase/functions/pay/index.ts
        netlify/functions/pay.js lambda/pay.ts src/graphql/resolvers/order.ts Rakefile config.ru
    """,
    "contract": """
        proto/orders.proto docs/openapi.yaml client/openapi.json gen/orders/v1/orders.proto gen/openapi.yaml
        api/swagger.yml events/asyncapi.yaml schema.graphql src/schema.gql avro/order.avsc spec/openapi.yaml specs/orders.proto
        docs/orders-openapi.yaml openapi/paths/orders.yaml
    """,
    "migration": """
        db/migrate/20260101_add_status.rb app/migrations/0002_status.py alembic/versions/ab12_status.py
        src/main/resources/db/migration/V2__status.sql prisma/migrations/2026/migration.sql
        src/main/resources/db/changelog/001.yaml priv/repo/migrations/2026_status.exs migrations/000002_status.up.sql
        drizzle/0001_status.sql k8s/migrations/001.sql database/migrations/2026_status.php
    """,
    "data": """
        k8s/db-init.sql queries/orders.sql prisma/schema.prisma db/schema.rb src/main/resources/mapper/OrderMapper.xml
        models/orders.sql.j2 cassandra/init.cql deploy/grants.sql frontend/report.sql
    """,
    "config": """
        src/main/resources/application.yml application-prod.properties config/database.yml config/pool.toml .env.production
        appsettings.Production.json settings.toml conf/app.ini config/database.yml.erb
    """,
    "infrastructure": """
        main.tf terraform/variables.tf Dockerfile docker/Dockerfile.prod docker-compose.yml compose.prod.yaml
        .github/workflows/ci.yml .github/scripts/release.py .gitlab-ci.yml action.yml .ci/run Jenkinsfile charts/api/values.yaml
        k8s/deployment.yaml deploy/api.yaml deployment-prod/api.yml infra/main.json nginx.conf Makefile
        serverless.yml kustomization.yaml ansible/site.yml scripts/release.sh helm/api/templates/deployment.tpl
    """,
    "frontend": """
        src/App.tsx components/Button.jsx styles/main.scss src/App.vue pages/index.svelte templates/order.html
        app/views/orders/index.html.erb templates/mail/order.html.j2 resources/views/order.blade.php Views/Index.cshtml
        frontend/src/api.ts src/components/table.ts src/hooks/useOrders.ts useThing.ts app/javascript/cart.js
        apps/web/src/lib/format.ts public/app.js vite.config.ts next.config.mjs tailwind.config.js lib/main.dart
        apps/client/src/app/pages/api/orders.component.ts apps/client/src/app/pages/api/x.directive.ts
        components/command-palette/actions/open.ts ios/App/Order.swift electron/main.ts
    """,
    "test": """
        tests/test_orders.py app/test_orders.py orders_test.go spec/order_spec.rb src/test/java/OrderServiceTest.java
        src/orders.test.ts e2e/pay.ts cypress/pay.cy.ts __tests__/pay.js conftest.py src/Button.stories.tsx
        test/fixtures/order.json database/factories/OrderFactory.php Acme.Orders.Tests/OrderTests.cs spec/models/order.rb
    """,
    "generated": """
        orders_pb2.py api/orders.pb.go orders_pb2_grpc.py src/client.generated.ts zz_generated.deepcopy.go wire_gen.go
        mock_store.go assets/app.min.js src/__generated__/types.ts dist/index.js build/static/app.js .next/server/app.js
        src/__snapshots__/a.js out/index.html target/site/index.html
    """,
    "vendored": "node_modules/a/index.js vendor/github.com/a/b.go third_party/x.c .yarn/releases/yarn.cjs a/vendor/openapi.yaml",
    "lock": "package-lock.json web/yarn.lock poetry.lock go.sum Cargo.lock Gemfile.lock .terraform.lock.hcl uv.lock pnpm-lock.yaml",
    "binary": "logo.png static/font.woff2 doc.pdf app.jar data.parquet a.pyc docs/logo.svg",
    "docs": "README.md docs/guide.rst docs/content/docker-compose.mdx LICENSE CHANGELOG notes.txt analysis.ipynb docs/conf.py",
    "i18n": "locales/en.json src/i18n/pt.yml po/de.po messages_de.properties config/locales/en.yml lang/en/auth.php",
    "manifest": "package.json pyproject.toml requirements.txt requirements-dev.txt go.mod pom.xml build.gradle.kts Gemfile CMakeLists.txt",
    "dump": "db/structure.sql db/seeds.rb seeds/orders.sql seed.sql prisma/seed.ts dump_2026.sql",
    "other": "data.csv something foo.yaml ontology.owl",
}


@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind, paths in CASES.items() for path in paths.split()])
def test_every_path_has_the_kind_the_table_says(kind: str, path: str):
    assert kind_of(path) == kind


def test_dots_of_hidden_folders_stay():
    assert kind_of(".github/workflows/ci.yml") != kind_of("github/workflows/ci.yml")


def test_every_kind_that_is_left_out_has_words_for_the_reader():
    kinds = {row.kind for row in table().rows} - {"source", "contract", "migration", "data", "config"}
    assert kinds <= table().reasons.keys()
    assert table().reason("source") == "source: left out by this persona"


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.py", "python"),
        ("a/b.TSX", "typescript"),
        ("x.sql", "sql"),
        ("Dockerfile", "dockerfile"),
        (".env", ""),
        ("Gemfile", "ruby"),
    ],
)
def test_languages(path: str, language: str):
    assert language_of(path) == language


def test_ten_thousand_paths_take_no_time():
    paths = [f"services/s{i % 97}/src/main/java/com/acme/p{i}/Handler{i}.java" for i in range(10_000)]
    with no_endless_work():
        assert {kind_of(path) for path in paths} == {"source"}
