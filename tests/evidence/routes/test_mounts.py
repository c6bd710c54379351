"""A route is told where clients find it, though the prefix and the guard stand in a file the change does not touch."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.evidence.examined import Text
from reviewer.evidence.routes import mounts_javascript
from reviewer.evidence.routes.mounts import Modules
from reviewer.evidence.routes.read import route_changes
from reviewer.evidence.tables import api
from tests.evidence.looking import looked

FASTAPI = {
    "app/api/items.py": "router = APIRouter(prefix='/items')\n\n@router.get('/{id}')\ndef one(id: int): ...\n",
    "app/api/__init__.py": "from app.api import items\napi = APIRouter(prefix='/v1')\napi.include_router(items.router, dependencies=[Depends(require_user)])\n",
    "app/main.py": "from app.api import api as v1\napp = FastAPI()\nouter = FastAPI()\napp.include_router(v1, prefix='/api')\nouter.mount('/shop', app=app)\n",
}
FLASK = {
    "web/orders.py": "bp = Blueprint('orders', __name__, url_prefix='/old')\n\n@bp.route('/new', methods=['POST'])\n@login_required\ndef new(): ...\n",
    "web/factory.py": "from web.orders import bp\ndef make():\n    app.register_blueprint(bp, url_prefix='/orders')\n",
}
FLASK_LOOP = {
    "web/orders.py": "mod = Blueprint('orders', __name__)\napi = Api(mod)\n\nclass Order(AuthenticatedResource):\n    def put(self, id): ...\n    def helper(self): ...\n\napi.add_resource(Order, '/orders/<int:id>')\n",
    "web/factory.py": "VERSION = 2\ndef make(blueprints):\n    for blueprint in blueprints:\n        app.register_blueprint(blueprint, url_prefix=f'/api/{VERSION}')\n",
}
RESTX = {
    "web/orders.py": "ns = Namespace('orders')\n\n@ns.route('/<int:id>')\nclass Order(Resource):\n    @admins_only\n    def get(self, id): ...\n",
    "web/__init__.py": "from web.orders import ns\nbp = Blueprint('api', __name__, url_prefix='/api')\napi = Api(bp)\napi.add_namespace(ns, '/purchases')\n",
}
DJANGO = {
    "shop/urls.py": "urlpatterns = [path('orders/<int:id>/', views.order)]\n",
    "site/urls.py": "urlpatterns = [path('shop/', include('shop.urls')), path('auth/', include('library.urls'))]\n",
}
DRF = {
    "site/urls.py": "router = DefaultRouter()\nrouter.register('orders', OrderViewSet)\nurlpatterns = [path('api/v2/', include(router.urls))]\n",
}
EXPRESS = {
    "src/routes/orders.ts": "const router = Router();\nrouter.get('/:id', get);\nexport default router;\n",
    "src/routes/index.ts": "import orders from './orders';\nconst router = Router();\nrouter.use(checkToken);\nrouter.use('/orders', isAdmin(), orders);\nexport default router;\n",
    "src/server.ts": "import routes from '@app/routes';\nserver.use((req, res, next) => next());\nserver.use('/api', routes);\n",
}
KOA = {
    "src/orders.js": "const router = new Router();\nrouter.post('/pay', pay);\nmodule.exports = router;\n",
    "src/app.js": "const orders = require('./orders');\nrouter.use('/orders', orders.routes());\n",
}
FASTIFY = {
    "src/orders.js": "module.exports = async function (fastify) {\n  fastify.post('/pay', pay)\n}\n",
    "src/app.js": "fastify.register(require('./orders'), { prefix: '/orders' })\n",
}
AUTOLOAD = {
    "src/routes/orders/_id/index.js": "module.exports = async function (fastify) {\n  fastify.post('/pay', pay)\n}\n",
    "src/app.js": "const AutoLoad = require('@fastify/autoload')\nfastify.register(AutoLoad, { dir: path.join(__dirname, 'routes') })\n",
}
NEST = {
    "api/src/orders.controller.ts": "@Controller({ path: 'orders', version: '2' })\n@PublicRoute()\nexport class Orders {\n  @Get(':id')\n  one() {}\n}\n",
    "api/src/main.ts": "app.setGlobalPrefix('/api');\n",
    "other/src/main.ts": "app.setGlobalPrefix('/else');\n",
}
GO = {
    "api/orders.go": 'package api\n\nfunc (a *API) addOrders(r chi.Router) {\n\tr.Get("/orders/{id}", a.order)\n}\n',
    "api/api.go": 'package api\n\nfunc (a *API) routes() {\n\tr := chi.NewRouter()\n\tr.Route("/v1", func(r chi.Router) {\n\t\tr.Use(requireUser)\n\t\tr.Use(SetLocale)\n\t\ta.addOrders(r)\n\t})\n}\n',
}
GO_TWICE = {
    **GO,
    "api/more.go": 'package api\n\nfunc (a *API) more() {\n\tr := chi.NewRouter()\n\tr.Route("/v2", func(r chi.Router) {\n\t\ta.addOrders(r)\n\t})\n}\n',
}
GO_MOUNT = {
    "orders/routes.go": 'package orders\n\nfunc Routes() http.Handler {\n\tr := chi.NewRouter()\n\tr.Get("/{id}", one)\n\treturn r\n}\n',
    "main.go": 'package main\n\nfunc main() {\n\tr := chi.NewRouter()\n\tr.Mount("/orders", orders.Routes())\n}\n',
}
GORILLA = {
    "web/routes.go": 'package web\n\nfunc routes(r *mux.Router) {\n\tme := r.PathPrefix("/me").Subrouter()\n\tme.HandleFunc("/c", handler.User(view)).Methods("GET")\n\tr.Path("/reset").Handler(csrf.Protect(key)(handler.Web(reset)))\n}\n',
}
CASES = {
    "fastapi": (FASTAPI, "app/api/items.py", ["GET /shop/api/v1/items/{id} [require_user]"]),
    "flask": (FLASK, "web/orders.py", ["POST /orders/new [login_required]"]),
    "flask loop": (FLASK_LOOP, "web/orders.py", ["PUT /api/2/orders/<int:id> [AuthenticatedResource]"]),
    "restx": (RESTX, "web/orders.py", ["GET /api/purchases/<int:id> [admins_only]"]),
    "django": (DJANGO, "shop/urls.py", ["ANY /shop/orders/<int:id> []"]),
    "django library": (DJANGO, "site/urls.py", ["ANY /auth/* []"]),
    "drf": (DRF, "site/urls.py", ["ANY /api/v2/orders []"]),
    "express": (EXPRESS, "src/routes/orders.ts", ["GET /api/orders/:id [checkToken isAdmin()]"]),
    "koa": (KOA, "src/orders.js", ["POST /orders/pay []"]),
    "fastify": (FASTIFY, "src/orders.js", ["POST /orders/pay []"]),
    "autoload": (AUTOLOAD, "src/routes/orders/_id/index.js", ["POST /orders/:id/pay []"]),
    "nest": (NEST, "api/src/orders.controller.ts", ["GET /api/v2/orders/:id [@PublicRoute]"]),
    "go": (GO, "api/orders.go", ["GET /v1/orders/{id} [requireUser]"]),
    "go, two callers": (GO_TWICE, "api/orders.go", ["GET /orders/{id} []"]),
    "go mount": (GO_MOUNT, "orders/routes.go", ["GET /orders/{id} []"]),
    "gorilla": (GORILLA, "web/routes.go", ["GET /me/c [handler.User]", "ANY /reset [csrf.Protect]"]),
}


def told(files, path):
    base = {name: text for name, text in files.items() if name != path}
    changes = route_changes(looked(base, files)).changes
    return [f"{c.after.name} [{' '.join(c.after.guards)}]" for c in changes if c.after and c.after.method != "VIEW"]


@pytest.mark.parametrize("case", CASES)
def test_a_new_route_is_told_where_clients_find_it(case):
    files, path, expected = CASES[case]
    assert told(files, path) == expected


@pytest.mark.parametrize("case", ["fastapi", "express", "go", "nest", "django"])
def test_without_the_mounting_file_a_route_is_told_as_its_own_file_states_it(case):
    files, path, (full,) = CASES[case]
    (alone,) = told({path: files[path]}, path)
    assert full.split()[0] == alone.split()[0]
    assert full.split()[1].endswith(alone.split()[1])
    assert full != alone


@pytest.mark.parametrize("case", CASES)
def test_a_mount_changes_nothing_where_no_route_changed(case):
    files, path, _ = CASES[case]
    assert route_changes(looked(files, {**files, path: files[path] + "\n"})).changes == ()


def test_a_mount_that_moves_renames_the_routes_of_a_changed_file():
    route, mount = "src/routes/orders.ts", "src/routes/index.ts"
    head = {**EXPRESS, mount: EXPRESS[mount].replace("'/orders'", "'/purchases'")}
    head[route] = head[route].replace("get);", "get);\nrouter.post('/', make);")
    found = {c.after.name: c.before and c.before.name for c in route_changes(looked(EXPRESS, head)).changes if c.after}
    assert found == {
        "GET /api/purchases/:id": "GET /api/orders/:id",
        "POST /api/purchases": None,
    }


def test_a_router_that_mounts_itself_is_served_once():
    files = {
        "a.py": "from a import router\nrouter.include_router(router, prefix='/x')\n\n@router.get('/y')\ndef y(): ...\n"
    }
    assert len(told(files, "a.py")) == 1


def test_imports_are_files_of_the_tree_or_nothing():
    modules = Modules(["a/b.py", "a/c/__init__.py", "x/util.py", "y/util.py", "src/r.ts", "src/s/index.js"])
    assert modules.python("b", "a/z.py", 1) == "a/b.py"
    assert modules.python("a.c", "main.py") == "a/c/__init__.py"
    assert modules.python("util", "main.py") == ""  # two of that name
    assert modules.javascript("./r.js", "src/app.ts") == "src/r.ts"
    assert modules.javascript("./s", "src/app.ts") == "src/s/index.js"
    assert modules.javascript("../../../etc/passwd", "src/app.ts") == ""
    assert modules.javascript("express", "src/app.ts") == ""


@settings(max_examples=40)
@given(st.sampled_from(sorted(CASES)), st.integers(0, 200), st.integers(0, 60))
def test_broken_mounts_never_stop_a_run(case, start, length):
    files, path, _ = CASES[case]
    broken = {name: text[:start] + text[start + length :] for name, text in files.items()}
    route_changes(looked({k: v for k, v in broken.items() if k != path}, broken))


SPEC = "openapi: 3.0.0\npaths:\n  /api/orders/{id}:\n    get: {responses: {'200': {description: x}}}\n"


@pytest.mark.parametrize(
    ("spec", "note"),
    [
        (SPEC, ""),
        (SPEC.replace("/api/orders/", "/api/other/"), "spec not updated: openapi.yaml lacks GET /api/orders/:id"),
        (SPEC.replace("get:", "post:"), "spec not updated: openapi.yaml lacks GET /api/orders/:id"),
    ],
)
def test_a_mounted_route_is_looked_up_in_the_spec_under_its_full_address(spec, note):
    path = "src/routes/orders.ts"
    base = {**{name: text for name, text in EXPRESS.items() if name != path}, "openapi.yaml": spec}
    table = api.table(looked(base, {**base, path: EXPRESS[path]}), ())
    assert [row.cells[table.columns.index("note")] for row in table.rows] == [note]
    assert [row.source for row in table.rows] == ["inferred"]


@pytest.mark.parametrize(
    "text",
    [
        "autoload dir: path.join(" * 20_000,
        "x.use(" * 3_000,
        "const {" * 20_000 + ".use(",
        "import {a " * 20_000 + ".use(",
    ],
)
def test_hostile_mounts_end(text):
    mounts_javascript.read("a.js", Text(text, "javascript"), Modules(["b.js"]))
