"""The whole address and the guard of a route, where frameworks spread them over files and spellings."""

from __future__ import annotations

import pytest

from reviewer.evidence.routes.read import route_changes
from reviewer.evidence.routes.route import guards_of, without_plumbing
from reviewer.evidence.tables import api, authorization
from tests.evidence.looking import looked

FACTORY = {
    "web/blueprint/tags/__init__.py": "def construct_blueprint(store):\n    tags = Blueprint('tags', __name__)\n\n    @tags.route('/all', methods=['POST'])\n    @login_required\n    def all(): ...\n    return tags\n",
    "web/flask_app.py": "def make(store):\n    from web.blueprint import tags\n    app.register_blueprint(tags.construct_blueprint(store), url_prefix='/tags')\n",
}
VIEW_SET = {
    "shop/api/orders.py": "class OrderViewSet(viewsets.ViewSet):\n    permission_classes = [IsAdminUser]\n\n    @action(detail=True, methods=['post'])\n    def pay(self, request, pk): ...\n\n    @action(detail=False)\n    def open(self, request): ...\n",
    "shop/api/urls.py": "from shop.api import orders\nrouter = DefaultRouter()\nrouter.register(r'orders', orders.OrderViewSet, basename='order')\nurlpatterns = [path('', include(router.urls))]\n",
    "shop/urls.py": "urlpatterns = [path('api/v2/', include('shop.api.urls'))]\n",
}
INLINE = {
    "shop/urls.py": "urlpatterns = [path('shop/', include([path('', home), path('ajax/', include(([path('edit/', edit)], 'x')))]))]\n",
}
JSONAPI = {
    "app/routes.py": "api.route(OrderList, 'order_list', '/orders', '/users/<int:id>/orders')\n",
}
NEST_COMPUTED = {
    "src/orders.controller.ts": "@Controller({ path: '/orders', version: '2' })\nexport class Orders {\n  @Get('/:id')\n  one() {}\n}\n",
    "src/main.ts": "app.setGlobalPrefix(config.getOrThrow('app.apiPrefix', { infer: true }));\n",
}
NEST_VERSIONS = {
    "src/orders.controller.ts": "@Controller('orders')\nexport class Orders {\n  @Get(':id')\n  @UseGuards(AuthGuard('jwt'), RolesGuard)\n  one() {}\n}\n@Controller({ path: 'bills', version: '2' })\nexport class Bills {\n  @Get()\n  all() {}\n}\n",
    "src/main.ts": "app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });\napp.setGlobalPrefix('api');\n",
}
OWN_RESOURCES = {"app/api.py": "api.add_org_resource(ForkResource, '/api/dashboards/<id>/fork', endpoint='fork')\n"}
SPRING = {
    "OrderApi.java": 'import org.springframework.web.bind.annotation.*;\n@RequestMapping("/api")\npublic interface OrderApi {\n  @GetMapping(value = ORDERS + "/{id}", produces = X)\n  Order one();\n  @PostMapping(Paths.ORDERS)\n  Order make();\n  @PutMapping("/plain")\n  Order put();\n}\n',
}
RAILS = {
    "config/routes.rb": 'Rails.application.routes.draw do\n  api_version(module: "Api::V1", path: {value: "api/v1"}) do\n    resources :categories, param: :code do\n      resource :likes, only: %i[show]\n      post :pay, on: :member\n      get :search, on: :collection\n    end\n  end\nend\n',
}
CASES = {
    "a blueprint from a factory": (FACTORY, "web/blueprint/tags/__init__.py", {"POST /tags/all [login_required]"}),
    "actions of a view set": (
        VIEW_SET,
        "shop/api/orders.py",
        {"POST /api/v2/orders/{pk}/pay [IsAdminUser]", "GET /api/v2/orders/open [IsAdminUser]"},
    ),
    "lists within lists": (INLINE, "shop/urls.py", {"ANY /shop []", "ANY /shop/ajax/edit []"}),
    "flask-rest-jsonapi": (JSONAPI, "app/routes.py", {"ANY /orders []", "ANY /users/<int:id>/orders []"}),
    "a computed prefix": (NEST_COMPUTED, "src/orders.controller.ts", {"GET /{apiPrefix}/v2/orders/:id []"}),
    "a version for all": (
        NEST_VERSIONS,
        "src/orders.controller.ts",
        {"GET /api/v1/orders/:id [AuthGuard('jwt') RolesGuard]", "GET /api/v2/bills []"},
    ),
    "resources of a project's own": (OWN_RESOURCES, "app/api.py", {"ANY /api/dashboards/<id>/fork []"}),
    "constants": (
        SPRING,
        "OrderApi.java",
        {"GET /api/{ORDERS}/{id} []", "POST /api/{ORDERS} []", "PUT /api/plain []"},
    ),
}


def told(files, path):
    base = {name: text for name, text in files.items() if name != path}
    changes = route_changes(looked(base, files)).changes
    return {f"{c.after.name} [{' '.join(c.after.guards)}]" for c in changes if c.after and c.after.method != "VIEW"}


@pytest.mark.parametrize("case", CASES)
def test_the_whole_address_is_told(case):
    files, path, expected = CASES[case]
    assert told(files, path) == expected


def test_an_action_whose_router_is_not_seen_stands_below_its_class():
    path = "shop/api/orders.py"
    assert "POST /OrderViewSet/{pk}/pay [IsAdminUser]" in told({path: VIEW_SET[path]}, path)


def test_members_and_collections_of_rails_have_their_own_addresses():
    found = told(RAILS, "config/routes.rb")
    assert {
        "GET /api/v1/categories/{category_code}/likes []",
        "POST /api/v1/categories/{code}/pay []",
        "GET /api/v1/categories/search []",
        "GET /api/v1/categories/{code} []",
    } <= found


@pytest.mark.parametrize("name", ["SessionDep", "get_session", "get_async_db_session", "sessionmaker", "db_session"])
def test_a_session_of_the_database_guards_nothing(name):
    assert guards_of([name]) == ()


@pytest.mark.parametrize("name", ["require_session", "get_current_active_superuser", "session_required", "SessionAuth"])
def test_who_asks_for_a_session_or_a_user_guards(name):
    assert guards_of([name]) == (name,)


def test_middleware_that_turns_nobody_away_is_no_guard():
    names = ("a.panicHandler", "middleware.Recoverer", "requestLogger", "a.sessionRequired", "authLogger")
    assert without_plumbing(names) == ("a.sessionRequired", "authLogger")


CONTROLLER = (
    "class Api::OrdersController < ApplicationController\n  before_action :require_user\n\n  def pay\n  end\n{}end\n"
)
ROUTES = "Rails.application.routes.draw do\n  namespace :api do\n    resources :orders, only: %i[] do\n      post :pay, on: :member\n{}    end\n  end\nend\n"


def test_an_action_of_rails_and_its_address_are_one_entry_with_its_guard():
    head = {"app/controllers/api/orders_controller.rb": CONTROLLER.format(""), "config/routes.rb": ROUTES.format("")}
    change = looked({}, head)
    rows = authorization.table(change, ()).rows
    assert [row.cells[:3] for row in rows] == [
        ("Api::OrdersController#pay (POST /api/orders/{id}/pay)", "did not exist", "require_user")
    ]
    assert [row.cells[4] for row in api.table(change, ()).rows] == ["require_user"]


def test_a_new_address_of_an_old_action_is_a_row_of_its_own():
    controller = {"app/controllers/api/orders_controller.rb": CONTROLLER.format("")}
    base = {**controller, "config/routes.rb": ROUTES.format("")}
    head = {
        "app/controllers/api/orders_controller.rb": CONTROLLER.format("\n  def other\n  end\n"),
        "config/routes.rb": ROUTES.format("").replace(
            "post :pay", 'put "settle", to: "orders#pay", on: :member\n      post :pay'
        ),
    }
    entries = [row.cells[0] for row in authorization.table(looked(base, head), ()).rows]
    assert "PUT /api/orders/{id}/settle" in entries


def test_the_guard_of_a_view_is_that_of_its_url():
    views = "@login_required\ndef order(request, id): ...\n"
    urls = "from shop import views\nurlpatterns = [path('orders/<int:id>/', views.order)]\n"
    change = looked({}, {"shop/views.py": views, "shop/urls.py": urls})
    assert [row.cells[4] for row in api.table(change, ()).rows] == ["login_required"]
    assert authorization.table(change, ()).rows[0].cells[0] == "order (ANY /orders/<int:id>)"


def test_copies_of_a_contract_are_told_once():
    proto = 'syntax = "proto3";\npackage a;\nmessage Order {{ string id = 1;{} }}\n'
    base = {path: proto.format("") for path in ("proto/a.proto", "go/a.proto", "rust/a.proto")}
    head = {path: proto.format(" string note = 2;") for path in base}
    (row,) = api.table(looked(base, head), ()).rows
    assert row.cells[-1].endswith("and in 2 more files")
