"""Each framework says the same in its own words: method, path, handler, guards, types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.evidence.examined import Text
from reviewer.evidence.routes.read import route_changes, routes_of
from tests.evidence.looking import looked

FASTAPI = """
router = APIRouter(prefix="/api", dependencies=[Depends(verify_token)])

@router.post("/orders/{id}", response_model=OrderOut, dependencies=[Depends(require_admin)])
async def create(id: int, order: OrderIn, db: Session = Depends(get_db), user: User = Depends(get_current_user)):
    pass
"""
FLASK = """
bp = Blueprint("x", __name__, url_prefix="/bp")

@bp.route("/x", methods=["GET", "POST"])
@login_required
def x():
    pass
"""
DJANGO = """
class OrderViewSet(viewsets.ModelViewSet):
    permission_classes = [IsAuthenticated]
    serializer_class = OrderSerializer

    @action(detail=True, methods=["post"], permission_classes=[AllowAny])
    def pay(self, request):
        pass

@login_required
def view(request):
    pass

urlpatterns = [path("a/<int:id>/", views.a), path("b/", login_required(B.as_view())), path("c", include("z"))]
router.register("orders", OrderViewSet)
"""
EXPRESS = """
const router = express.Router();
router.use(requireAuth);
router.get('/x/:id', rateLimit, ctrl.get);
router.post('/y', [checkRole, validate], async (req, res) => { res.json(1) });
router.route('/z').get(h1).post(isAdmin, h2);
const cache = new Map(); cache.get('/x');
axios.get('/foo');
app.use('/api', session, router);
"""
FASTIFY = """
fastify.addHook('preHandler', verifyJwt)
fastify.route({ method: 'GET', url: '/q', preHandler: [fastify.auth], handler })
fastify.post('/r', { preHandler: checkScope }, handler)
"""
NEST = """
@Controller('orders')
@UseGuards(AuthGuard('jwt'), RolesGuard)
export class OrdersController {
  @Public()
  @Get(':id')
  async find(@Param('id') id: string): Promise<OrderDto> { return null }
  @Post()
  create(@Body() dto: CreateOrderDto) { return 2 }
  helper() {}
}
"""
SPRING = """
@RestController
@RequestMapping("/api/orders")
@PreAuthorize("isAuthenticated()")
public class C {
  @GetMapping("/{id}")
  public ResponseEntity<OrderDto> get(@PathVariable Long id) { return null; }
  @PostMapping
  public OrderDto create(@Valid @RequestBody CreateOrder req) { return null; }
}
class S { void f(HttpSecurity http) { http.authorizeHttpRequests(a -> a.requestMatchers("/admin/**").hasRole("ADMIN").anyRequest().permitAll()); } }
"""
GO = """
package x
func R(r *gin.Engine) {
	api := r.Group("/api", AuthMiddleware())
	api.GET("/orders/:id", h.Get)
	v1 := api.Group("/v1")
	v1.Use(RequireAdmin)
	v1.POST("/orders", limit, h.Create)
	mux.HandleFunc("GET /y/{id}", requireAuth(hy))
	m.HandleFunc("/z", hz).Methods("POST")
	cache.Get("key")
}
func C(r chi.Router) {
	r.Route("/users", func(r chi.Router) {
		r.Use(auth)
		r.Get("/", list)
		r.With(admin).Delete("/{id}", del)
	})
	r.Get("/open", open)
}
"""
RAILS_ROUTES = """
Rails.application.routes.draw do
  get 'health', to: 'health#show'
  namespace :api do
    resources :orders, only: [:index, :create] do
      member { post :pay }
      resources :items, only: %i[show]
    end
  end
end
"""
RAILS = """
class OrdersController < ApplicationController
  before_action :authenticate_user!
  before_action :require_admin, only: [:destroy]
  before_action :set_order
  skip_before_action :authenticate_user!, only: %i[index]
  def index; end
  def destroy
    authorize @order
  end
  private
  def set_order; end
end
"""
CASES = {
    "a/api.py": (
        "python",
        FASTAPI,
        ["POST /api/orders/{id} create [verify_token require_admin get_current_user] OrderIn OrderOut"],
    ),
    "a/flask.py": ("python", FLASK, ["GET /bp/x x [login_required]", "POST /bp/x x [login_required]"]),
    "a/views.py": (
        "python",
        DJANGO,
        [
            "OrderViewSet OrderViewSet [IsAuthenticated] OrderSerializer OrderSerializer",
            "POST /OrderViewSet/{pk}/pay OrderViewSet.pay [AllowAny]",
            "view view [login_required]",
            "ANY /a/<int:id> views.a []",
            "ANY /b B [login_required]",
            "ANY /c/* include z []",
            "ANY /orders OrderViewSet []",
        ],
    ),
    "r.js": (
        "javascript",
        EXPRESS,
        [
            "GET /api/x/:id ctrl.get [session requireAuth rateLimit]",
            "POST /api/y (inline) [session requireAuth checkRole validate]",
            "GET /api/z h1 [session requireAuth]",
            "POST /api/z h2 [session requireAuth isAdmin]",
        ],
    ),
    "f.ts": ("typescript", FASTIFY, ["GET /q  [verifyJwt fastify.auth]", "POST /r handler [verifyJwt checkScope]"]),
    "o.controller.ts": (
        "typescript",
        NEST,
        [
            "GET /orders/:id find [AuthGuard('jwt') RolesGuard @Public]  OrderDto",
            "POST /orders create [AuthGuard('jwt') RolesGuard] CreateOrderDto",
        ],
    ),
    "C.java": (
        "java",
        SPRING,
        [
            'GET /api/orders/{id} get [@PreAuthorize("isAuthenticated()")]  OrderDto',
            'POST /api/orders create [@PreAuthorize("isAuthenticated()")] CreateOrder OrderDto',
            'ANY /admin/** security matcher 1 [hasRole("ADMIN")]',
            "ANY /** security matcher 2 [permitAll]",
        ],
    ),
    "r.go": (
        "go",
        GO,
        [
            "GET /api/orders/:id h.Get [AuthMiddleware()]",
            "POST /api/v1/orders h.Create [AuthMiddleware() RequireAdmin limit]",
            "GET /y/{id} requireAuth(hy) [requireAuth]",
            "POST /z hz []",
            "GET /users list [auth]",
            "DELETE /users/{id} del [auth admin]",
            "GET /open open []",
        ],
    ),
    "config/routes.rb": (
        "ruby",
        RAILS_ROUTES,
        [
            "GET /health health#show []",
            "GET /api/orders orders#index []",
            "POST /api/orders orders#create []",
            "POST /api/orders/{id}/pay orders#pay []",
            "GET /api/orders/{order_id}/items/{id} items#show []",
        ],
    ),
    "app/controllers/orders_controller.rb": (
        "ruby",
        RAILS,
        [
            "OrdersController#index index [skip:authenticate_user!]",
            "OrdersController#destroy destroy [authenticate_user! require_admin authorize @order]",
        ],
    ),
}


@pytest.mark.parametrize("path", CASES)
def test_routes_of_each_framework(path):
    language, text, expected = CASES[path]
    found = [
        f"{route.name} {route.handler} [{' '.join(route.guards)}] {route.request} {route.response}".rstrip()
        for route in routes_of(path, Text(text, language))
    ]
    assert found == expected


@pytest.mark.parametrize("path", CASES)
def test_lines_lie_in_the_file_and_tests_have_no_routes(path):
    language, text, _ = CASES[path]
    routes = routes_of(path, Text(text, language))
    assert all(1 <= route.line <= route.end_line <= text.count("\n") + 1 for route in routes)
    assert routes_of(f"tests/{path}", Text(text, language)) == ()


@given(st.sampled_from(sorted(CASES)), st.integers(0, 800), st.integers(0, 60))
def test_broken_code_never_stops_a_run(path, start, length):
    language, text, _ = CASES[path]
    routes_of(path, Text(text[:start] + text[start + length :], language))


def test_a_route_that_moves_to_another_file_is_not_gone():
    app = '@app.get("/a")\ndef a(): pass\n'
    assert route_changes(looked({"a.py": app, "b.py": "x = 1\n"}, {"b.py": "x = 1\n" + app})).changes == ()


def test_a_renamed_path_is_one_change_by_its_handler():
    (change,) = route_changes(
        looked({"a.py": '@app.get("/a")\ndef a(): pass\n'}, {"a.py": '@app.get("/b")\ndef a(): pass\n'})
    ).changes
    assert (change.before.path, change.after.path) == ("/a", "/b")


def test_the_spelling_of_a_parameter_is_no_change():
    base, head = '@app.get("/a/{id}")\nasync def a(): pass\n', '@app.get("/a/{order_id}")\nasync def a(): pass\n'
    assert route_changes(looked({"a.py": base}, {"a.py": head})).changes == ()


@pytest.mark.parametrize("path", CASES)
def test_nothing_changes_where_nothing_changed(path):
    _, text, _ = CASES[path]
    comment = "# x\n" if path.endswith((".py", ".rb")) else "// x\n"
    assert route_changes(looked({path: text}, {path: text + comment})).changes == ()
