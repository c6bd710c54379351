"""What kind of file a path is: the persona's limits as an ordered table of data. First match wins.

A row matches by extension, by name (a glob on the last part), by directory (a part of the path, for some extensions
or all), or by a pattern on the whole path. Order matters: a migration under `k8s/` is data before it is
infrastructure, a contract under `docs/` is a contract before it is documentation.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One line of the table. `dirs` count only for `dir_exts` where those are given ("" is "no extension").

    `not_exts` and `not_names` take files out of the whole row.
    """

    kind: str
    exts: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    dirs: frozenset[str] = frozenset()
    dir_exts: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()  # regular expressions, anchored at the start of the path
    path_exts: frozenset[str] = frozenset()
    not_exts: frozenset[str] = frozenset()
    not_names: tuple[str, ...] = ()


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CODE = words(
    "py pyi go java kt kts scala groovy rb rake php cs vb fs fsx rs ex exs erl hrl clj cljs cljc c h cc cpp cxx hpp"
    " hh lua pl pm hs ml mli ts mts cts js mjs cjs swift zig nim cr jl r d f90 cob cbl pas sol abap pro m mm"
)
SCRIPT = words("sh bash zsh fish ps1 psm1 bat cmd")
JS = words("js mjs cjs ts mts cts jsx tsx")
CONFIG_LIKE = words("yaml yml json tpl sh conf toml ini cfg env erb properties") | {""}
STRUCTURED = words("yaml yml json json5 xml toml")
BUILT = words("js mjs cjs jsx css html json map txt ts d.ts xml svg md") | {""}
DATA_LIKE = CODE | words("sql xml yaml yml json csv ddl cql")

TABLE: tuple[Row, ...] = (
    Row(
        "binary",
        exts=words(
            "png jpg jpeg gif webp avif ico icns bmp tiff svg woff woff2 ttf otf eot mp3 mp4 mov avi ogg wav webm pdf"
            " zip gz tgz bz2 xz zst 7z rar tar jar war ear class o a so dylib dll exe wasm parquet orc npy npz pkl"
            " pickle h5 onnx pt pyc pyd whl psd fig sketch xls xlsx doc docx ppt pptx sqlite sqlite3 db jks p12 keystore"
        ),
    ),
    Row(
        "lock",
        names=(
            "package-lock.json",
            "npm-shrinkwrap.json",
            "yarn.lock",
            "pnpm-lock.y*ml",
            "bun.lock*",
            "deno.lock",
            "poetry.lock",
            "uv.lock",
            "Pipfile.lock",
            "pdm.lock",
            "pixi.lock",
            "Gemfile.lock",
            "Cargo.lock",
            "go.sum",
            "go.work.sum",
            "composer.lock",
            "mix.lock",
            "rebar.lock",
            "gradle.lockfile",
            "packages.lock.json",
            "paket.lock",
            "project.assets.json",
            "Podfile.lock",
            "Package.resolved",
            "Chart.lock",
            ".terraform.lock.hcl",
            "flake.lock",
            "buf.lock",
            "pubspec.lock",
        ),
    ),
    Row(
        "vendored",
        dirs=words("node_modules vendor third_party thirdparty bower_components Godeps site-packages Pods"),
        paths=(r"(?:.*/)?\.yarn/(?:releases|plugins|sdks|cache)/",),
    ),
    Row(
        "generated",
        names=(
            "*_pb2.py",
            "*_pb2.pyi",
            "*_pb2_grpc.py",
            "*.pb.go",
            "*.pb.gw.go",
            "*_grpc.pb.go",
            "*.pb.cc",
            "*.pb.h",
            "*_connect.ts",
            "*_pb.ts",
            "*_pb.js",
            "*_pb.rb",
            "*.generated.*",
            "*_generated.*",
            "*.g.cs",
            "*.Designer.cs",
            "*.gen.go",
            "*.gen.ts",
            "zz_generated*.go",
            "wire_gen.go",
            "mock_*.go",
            "*_mock.go",
            "bindata.go",
            "*.min.js",
            "*.min.css",
            "*.map",
            "*.snap",
        ),
        dirs=words("__generated__ .next .nuxt .svelte-kit __snapshots__"),
    ),
    # Output folders. Only for what tools emit there: `pkg/build/plan.go` and `sync/target/Writer.java` are written by hand.
    Row("generated", dirs=words("dist build out target coverage"), dir_exts=BUILT),
    Row(
        "test",
        names=(
            "test_*.py",
            "*_test.py",
            "tests.py",
            "conftest.py",
            "*_test.go",
            "*_test.rb",
            "*_spec.rb",
            "*_test.exs",
            "*_test.clj",
            "*_test.rs",
            "*_test.cc",
            "*_test.cpp",
            "*[a-z]Test.java",
            "*[a-z]Tests.java",
            "*[a-z]IT.java",
            "*[a-z]Spec.java",
            "*[a-z]Test.kt",
            "*[a-z]Tests.kt",
            "*[a-z]IT.kt",
            "*[a-z]Spec.kt",
            "*[a-z]Test.scala",
            "*[a-z]Spec.scala",
            "*[a-z]Suite.scala",
            "*[a-z]Spec.groovy",
            "*[a-z]Test.groovy",
            "*[a-z]Test.php",
            "*[a-z]Test.cs",
            "*[a-z]Tests.cs",
            "*.test.*",
            "*.spec.*",
            "*.e2e-spec.*",
            "*.cy.*",
            "*.stories.*",
        ),
        dirs=words(
            "test tests Tests testing testdata __tests__ __mocks__ e2e cypress playwright fixtures __fixtures__ cassettes"
        ),
        paths=(
            r"(?:.*/)?src/(?:integrationTest|testFixtures|androidTest|it)/",
            r"(?:.*/)?[A-Z][\w.]*\.(?:Unit|Integration)?Tests/",
        ),
    ),
    # `spec/` holds contracts as often as tests, `factories/` production code as often as test data.
    Row("test", dirs=words("spec specs"), not_exts=words("proto graphql graphqls gql avsc yaml yml json raml smithy")),
    Row("test", paths=(r"(?:.*/)?(?:database|db)/factories/",)),
    Row(
        "contract",
        exts=words("proto graphql graphqls gql avsc avdl thrift raml wsdl xsd smithy tsp"),
        names=tuple(
            f"{pattern}.{ext}"
            for pattern in ("openapi*", "*[-_.]openapi", "swagger*", "*[-_.]swagger", "asyncapi*", "*[-_.]asyncapi")
            for ext in ("yaml", "yml", "json")
        ),
        paths=(r"(?:.*/)?(?:openapi|swagger|asyncapi)/.*\.(?:ya?ml|json)$",),
    ),
    Row("dump", names=("structure.sql", "dump*.sql", "*_dump.sql", "*.dump.sql")),
    Row(
        "dump",
        paths=(r"(?:.*/)?seeds?(?:[-_.][^/]*)?\.(?:sql|rb|py|ts|js|json|ya?ml|csv)$", r"(?:.*/)?(?:seeds|seeders)/"),
    ),
    Row(
        "migration",
        dirs=words("migrations migrate flyway liquibase changelog changelogs drizzle Migrations"),
        dir_exts=DATA_LIKE,
        paths=(
            r"(?:.*/)?alembic/versions/.*\.py$",
            r"(?:.*/)?db/migrat\w*/",
            r"(?:.*/)?(?:prisma|priv/repo)/migrations/",
            r"(?:.*/)?[VURB]\d[\w.]*__\w+\.(?:sql|java|kt|py)$",
            r"(?:.*/)?\d{6,}_\w+\.(?:up|down)\.sql$",
        ),
    ),
    Row(
        "data",
        exts=words("sql ddl cql prisma hql pgsql plsql psql pks pkb tsql dbml"),
        names=("*Mapper.xml", "persistence.xml", "orm.xml", "*.hbm.xml"),
        paths=(r"(?:.*/)?db/schema\.rb$",),
    ),
    Row(
        "infrastructure",
        exts=words("tf tfvars hcl bicep nomad rego dockerfile service timer pp"),
        names=(
            "Dockerfile*",
            "Containerfile*",
            "docker-compose*.y*ml",
            "compose*.y*ml",
            "docker-bake.*",
            ".dockerignore",
            "Chart.y*ml",
            "values*.y*ml",
            "kustomization.y*ml",
            "skaffold.y*ml",
            "serverless.y*ml",
            "samconfig.toml",
            "Procfile",
            "fly.toml",
            "render.y*ml",
            "vercel.json",
            "netlify.toml",
            "nginx*.conf",
            "haproxy*.cfg",
            "Makefile",
            "GNUmakefile",
            "*.mk",
            "Justfile",
            "justfile",
            "Taskfile.y*ml",
            "Vagrantfile",
            ".gitlab-ci*",
            "Jenkinsfile*",
            "azure-pipelines*",
            "bitbucket-pipelines*",
            "cloudbuild*.y*ml",
            "buildspec*.y*ml",
            ".travis.yml",
            ".drone.yml",
            "appveyor.yml",
            "codecov.y*ml",
            ".pre-commit-config.y*ml",
            "renovate.json*",
            "dependabot.y*ml",
            ".gitignore",
            ".gitattributes",
            ".gitmodules",
            ".editorconfig",
            "CODEOWNERS",
        ),
        dirs=words(
            "terraform pulumi ansible helm charts k8s kubernetes manifests argocd ops .devcontainer deploy deployment"
            " deployments infra infrastructure"
        ),
        dir_exts=CONFIG_LIKE,
        paths=(r"\.github/", r"\.circleci/", r"\.buildkite/", r"\.gitlab/", r"\.woodpecker/"),
    ),
    Row("infrastructure", exts=SCRIPT),
    Row(
        "manifest",
        names=(
            "package.json",
            "pyproject.toml",
            "setup.py",
            "setup.cfg",
            "requirements*.txt",
            "requirements*.in",
            "constraints*.txt",
            "Pipfile",
            "environment.y*ml",
            "go.mod",
            "go.work",
            "pom.xml",
            "build.gradle*",
            "settings.gradle*",
            "gradle.properties",
            "build.sbt",
            "Gemfile",
            "*.gemspec",
            "Cargo.toml",
            "composer.json",
            "mix.exs",
            "rebar.config",
            "*.csproj",
            "*.fsproj",
            "*.vbproj",
            "*.sln",
            "Directory.*.props",
            "CMakeLists.txt",
            "Package.swift",
            "pubspec.yaml",
            "tsconfig*.json",
            "deno.json*",
            "pnpm-workspace.yaml",
            "lerna.json",
            "nx.json",
            "turbo.json",
            "tox.ini",
            "pytest.ini",
            "mypy.ini",
            "ruff.toml",
            ".python-version",
            ".nvmrc",
            ".tool-versions",
            ".eslintrc*",
            ".prettierrc*",
            "jest.config.*",
            "vitest.config.*",
            "eslint.config.*",
            "prettier.config.*",
            "commitlint.config.*",
        ),
        paths=(r"(?:.*/)?requirements/[^/]+\.(?:txt|in)$",),
    ),
    Row(
        "i18n",
        exts=words("po mo pot xlf xliff arb"),
        names=("messages_??*.properties",),
        dirs=words("locales i18n translations lang"),
        dir_exts=words("json yml yaml po properties xliff php strings"),
    ),
    Row(
        "docs",
        exts=words("md mdx markdown rst adoc asciidoc txt ipynb tex org"),
        names=(
            "LICENSE*",
            "LICENCE*",
            "COPYING*",
            "NOTICE*",
            "CHANGELOG*",
            "CHANGES*",
            "README*",
            "AUTHORS*",
            "SECURITY*",
        ),
        paths=(r"docs?/",),
        not_exts=words("py go java rb ts") - words("py"),
    ),
    Row("frontend", exts=words("css scss sass less styl pcss vue svelte astro marko")),
    Row(
        "source",
        names=(
            "+server.ts",
            "+server.js",
            "+page.server.ts",
            "+page.server.js",
            "+layout.server.ts",
            "hooks.server.ts",
        ),
        paths=(
            r"(?:(?:apps|packages)/[^/]+/)?(?:src/)?pages/api/.*\.(?:ts|js|mts|mjs|tsx|jsx)$",
            r"(?:.*/)?app/(?:.*/)?route\.(?:ts|js)$",
            r"(?:apps/[^/]+/)?(?:src/)?(?:middleware|instrumentation)\.(?:ts|js)$",
            r"(?:.*/)?[^/]+\.server\.(?:ts|tsx|js|jsx)$",
            r"(?:.*/)?server/(?:api|routes|middleware|utils|trpc|db)/.*\.(?:ts|js|mts|mjs|cts|cjs)$",
            r"(?:.*/)?trpc/.*\.(?:ts|js|mts|mjs|cts|cjs)$",
            r"(?:.*/)?graphql/resolvers/.*\.(?:ts|js|mts|mjs|cts|cjs)$",
            r"(?:.*/)?(?:netlify/functions|supabase/functions|workers)/.*\.(?:ts|js|mts|mjs|cts|cjs)$",
            r"(?:.*/)?lambdas?(?:[-_][^/]*)?/.*\.(?:ts|js|mts|mjs|cts|cjs|py)$",
        ),
        not_names=("*.component.ts", "*.directive.ts", "*.pipe.ts", "*.module.ts", "use[A-Z]*.ts", "*.config.*"),
    ),
    Row(
        "frontend",
        exts=words(
            "tsx jsx html htm haml slim ejs hbs handlebars mustache pug jade twig j2 jinja jinja2 liquid ftl jsp jspx"
            " cshtml vbhtml razor heex eex leex mjml storyboard xib nib qml dart swiftui xaml axaml"
        ),
        names=("*.blade.php", "*.html.erb", "*.js.erb", "*.text.erb", "*.component.ts", "*.directive.ts", "*.pipe.ts"),
    ),
    Row(
        "frontend",
        names=("*.erb", "use[A-Z]*.ts", "use[A-Z]*.js"),
        dirs=words(
            "frontend webapp client ui www public static assets components hooks stores composables styles themes"
            " .storybook"
        ),
        dir_exts=words("js ts mjs mts cjs json webmanifest"),
        paths=(
            r"(?:.*/)?app/(?:javascript|assets)/",
            r"apps/(?:web|docs|storybook|mobile|desktop)/.*\.(?:js|ts|mjs|mts|cjs|json)$",
            r"(?:.*/)?(?:vite|webpack|rollup|esbuild|next|nuxt|svelte|astro|tailwind|postcss|babel|metro|gatsby|remix)(?:\.[\w-]+)?\.config\.\w+$",
            r"(?:.*/)?(?:angular|vue|snowpack|parcel|craco|tsup|storybook)(?:\.[\w-]+)?\.config\.\w+$",
            r"(?:.*/)?(?:ios|android)/.*\.(?:swift|m|mm|h|gradle|plist|xml)$",
            r"(?:.*/)?[^/]+\.(?:plist|pbxproj|xcconfig|storyboard)$",
        ),
    ),
    Row("source", exts=CODE, names=("Rakefile", "*.ru", "Gruntfile.js", "manage.py")),
    Row(
        "config",
        names=(
            "application*.y*ml",
            "application*.properties",
            "bootstrap*.y*ml",
            "appsettings*.json",
            "settings*.toml",
            "settings*.ini",
            "settings*.y*ml",
            "config.y*ml",
            "config.toml",
            "config.json",
            "config.ini",
            "web.config",
            "app.config",
            "database.y*ml",
            "logback*.xml",
            "log4j2*.xml",
            "hibernate.cfg.xml",
            "hibernate.properties",
            "beans*.xml",
            "applicationContext*.xml",
            ".env*",
            "*.env",
        ),
        paths=(
            r"(?:.*/)?(?:config|conf|configs|settings)/.*\.(?:ya?ml|toml|ini|json|properties|conf|cfg|xml|edn)$",
            r"(?:.*/)?src/main/resources/.*\.(?:ya?ml|properties|xml|json)$",
        ),
    ),
)

# What the backend persona leaves alone unless its front matter says otherwise.
PERSONA_LIMITS = frozenset({"frontend", "infrastructure", "docs", "i18n", "test", "manifest", "dump", "other"})

# Nothing of these can be read as a design; no persona reviews them.
UNREVIEWABLE = frozenset({"binary", "lock", "vendored", "generated", "symlink", "submodule", "unchanged"})

REASONS = {
    "binary": "binary content",
    "lock": "lock file",
    "vendored": "vendored code of others",
    "generated": "generated code",
    "symlink": "a symbolic link",
    "submodule": "a submodule pointer",
    "unchanged": "no line changed",
    "frontend": "frontend or visual code: outside this reviewer's limits",
    "infrastructure": "infrastructure or deployment: outside this reviewer's limits",
    "docs": "documentation",
    "i18n": "translations",
    "test": "tests: listed as context, not reviewed",
    "manifest": "package manifest or tool configuration: read as facts, not reviewed",
    "dump": "seed data or a schema dump: read as facts, not reviewed",
    "other": "not a kind of file this reviewer knows",
    "source": "source code: left out by this persona",
    "contract": "interface contracts: left out by this persona",
    "data": "database code: left out by this persona",
    "migration": "migrations: left out by this persona",
    "config": "runtime configuration: left out by this persona",
    "excluded": "left out by scope.exclude",
}
