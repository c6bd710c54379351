"""Kotlin, Micronaut, JAX-RS, tables of routes, wrapped handlers: each with the nearest thing that is no route."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.evidence.examined import Text
from reviewer.evidence.routes.fields import field_changes, types_of
from reviewer.evidence.routes.read import route_changes, routes_of
from tests.evidence.looking import looked

KOTLIN = """
// @GetMapping("/not-this")
@RestController
@RequestMapping(value = ["/v2/orders/{id:[0-9]+}"])
class OrderController(
  @Value("x") private val orders: Orders,
) {
  @GetMapping("")
  @RequiresPermissions([Scope.VIEW])
  fun one(@PathVariable id: Long): ResponseEntity<OrderModel> {
    return ResponseEntity.ok(orders.one(id))
  }

  @PutMapping(value = ["/note"], consumes = [JSON])
  fun note(@RequestBody @Valid dto: NoteRequest): List<OrderModel> = orders.note(dto)

  @Deprecated("@PostMapping(\\"/nor-this\\")")
  private fun helper() {}
}
"""
KTOR = """
import io.ktor.server.routing.*
fun Application.module() {
    routing {
        get("/health") { call.respond("ok") }
        authenticate("jwt") {
            route("/orders") {
                get { call.respond(all()) }
                post("/{id}/pay") { val done = items.map { it.id } }
            }
        }
        post("/login") { }
    }
    val cached = cache.get("/orders") { load() }
}
"""
MICRONAUT = """
import io.micronaut.http.annotation.*;
@Controller("/api/orders")
public class OrderController {
  @Get(uri = "/{id}") @Secured("USER")
  public Order one(String id) { return null; }
  @Post
  public Order make(@Body Order order) { return null; }
  @Inject
  public void set(Orders orders) {}
}
"""
JAXRS = """
import jakarta.ws.rs.*;
@Path("/orders")
public class OrderResource {
  @GET @Path("/{id}") @RolesAllowed("admin")
  public Response one(@PathParam("id") String id) { return null; }
  @DELETE
  public void clear() {}
  public void helper() {}
}
"""
LISTED = """
const routes = {
  'get /api/orders/:id': { authenticated: true, admin: false, controller: orders.get },
  'post /api/login': { controller: session.login },
  'getting started': { controller: none },
};
"""
ECHO = """
package web
import "github.com/labstack/echo/v4"
func routes(e *echo.Echo) {
	full := e.Group("/api")
	full.PATCH("/note", h.note, limiter)
	full.DELETE("/orders", perm(h.clear, "orders:write"))
	full.GET("/style", asset("admin.css"))
}
"""
GIN = """
package web
func routes(r *gin.Engine) {
	orders := r.Group("/orders", session.SetOrder(), session.MustPull)
	orders.GET("/:id", session.SetPipeline(), api.One)
}
"""
RAILS = """
Rails.application.routes.draw do
  root to: "home#show"
  scope ":tenant" do
    match "/callback" => "auth#done", :via => [:get, :post]
    resources :orders, only: [:show, :create], param: :number
  end
end
"""
CLASSES = """
@controller(router)
class Debug(BaseAdminController):
    @router.get("/debug")
    def show(self): ...

class Plain(BaseController):
    @router.get("/plain")
    def show(self): ...
"""
CASES = {
    "a/Orders.kt": (
        "",
        KOTLIN,
        [
            "GET /v2/orders/{id:[0-9]+} one [@RequiresPermissions([Scope.VIEW])]  OrderModel",
            "PUT /v2/orders/{id:[0-9]+}/note note [] NoteRequest List<OrderModel>",
        ],
    ),
    "a/Routing.kt": (
        "",
        KTOR,
        [
            "GET /health (inline) []",
            'GET /orders (inline) [authenticate("jwt")]',
            'POST /orders/{id}/pay (inline) [authenticate("jwt")]',
            "POST /login (inline) []",
        ],
    ),
    "a/OrderController.java": (
        "java",
        MICRONAUT,
        ['GET /api/orders/{id} one [@Secured("USER")]  Order', "POST /api/orders make []  Order"],
    ),
    "a/OrderResource.java": (
        "java",
        JAXRS,
        ['GET /orders/{id} one [@RolesAllowed("admin")]  Response', "DELETE /orders clear []  void"],
    ),
    "api/routes.js": (
        "javascript",
        LISTED,
        ["GET /api/orders/:id orders.get [authenticated]", "POST /api/login session.login []"],
    ),
    "web/echo.go": (
        "go",
        ECHO,
        [
            "PATCH /api/note h.note [limiter]",
            'DELETE /api/orders perm(h.clear, "orders:write") [perm(orders:write)]',
            'GET /api/style asset("admin.css") []',
        ],
    ),
    "web/gin.go": ("go", GIN, ["GET /orders/:id api.One [session.MustPull]"]),
    "config/routes.rb": (
        "ruby",
        RAILS,
        [
            "GET / home#show []",
            "GET /:tenant/callback auth#done []",
            "POST /:tenant/callback auth#done []",
            "POST /:tenant/orders orders#create []",
            "GET /:tenant/orders/{number} orders#show []",
        ],
    ),
    "a/debug.py": ("python", CLASSES, ["GET /debug show [BaseAdminController]", "GET /plain show []"]),
}


@pytest.mark.parametrize("path", CASES)
def test_routes(path):
    language, text, expected = CASES[path]
    found = [
        f"{route.name} {route.handler} [{' '.join(route.guards)}] {route.request} {route.response}".rstrip()
        for route in routes_of(path, Text(text, language))
    ]
    assert found == expected


@pytest.mark.parametrize("path", CASES)
def test_every_route_has_a_line_that_shows_it(path):
    language, text, _ = CASES[path]
    lines = text.split("\n")
    for route in routes_of(path, Text(text, language)):
        assert 1 <= route.line <= len(lines)
        shown = "\n".join(lines[max(0, route.line - 4) : route.line])
        assert route.method.lower() in shown.lower() or "match" in shown or "resources" in shown or "root" in shown


def test_another_method_for_the_same_handler_is_one_change():
    base = 'package a\n\nfunc r(mux *http.ServeMux) {\n\tmux.HandleFunc("GET /orders/clear", h.clear)\n}\n'
    (change,) = route_changes(looked({"a.go": base}, {"a.go": base.replace("GET ", "POST ")})).changes
    assert change.before is not None
    assert change.after is not None
    assert (change.before.name, change.after.name) == ("GET /orders/clear", "POST /orders/clear")


def test_another_view_at_the_same_address_is_a_change():
    base = "urlpatterns = [path('profile/', views.Old.as_view())]\n"
    (change,) = route_changes(looked({"urls.py": base}, {"urls.py": base.replace("Old", "New")})).changes
    assert change.before is not None
    assert change.before.handler == "views.Old"


DATA = "data class OrderRequest(\n  val id: Long,\n  val tags: Map<String, List<Int>> = mapOf(),\n  var note: String?,\n)\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  var note: String?,\n", "", ["`note` removed"]),
        ("val id: Long", "val id: String", ["`id` Long → String"]),
        ("  val id", "  val kind: Kind,\n  val id", ["`kind: Kind` added, required"]),
        ("Map<String, List<Int>>", "Map<String, Int>", ["`tags` Map<String, List<Int>> → Map<String, Int>"]),
        ("OrderRequest(", "OrderRequest(\n  // val old: Int,", []),
    ],
)
def test_fields_of_kotlin_data_classes(old, new, expected):
    assert old in DATA
    found = field_changes(looked({"a/Order.kt": DATA}, {"a/Order.kt": DATA.replace(old, new)}))
    assert [change.told for change in found] == expected


def test_what_stands_inside_a_decorator_is_no_field():
    text = "export class OrderArgs {\n  @Field({\n    name: 'note',\n    nullable: true,\n  })\n  note: string;\n}\nexport class OrderInput {\n  @Field({\n    name: 'note',\n  })\n  note: string;\n}\n"
    assert field_changes(looked({"a.ts": text}, {"a.ts": text.replace("'note'", "'remark'")})) == ()


@settings(max_examples=40)
@given(st.sampled_from(sorted(CASES)), st.integers(0, 400), st.integers(0, 60))
def test_broken_code_never_stops_a_run(path, start, length):
    language, text, _ = CASES[path]
    routes_of(path, Text(text[:start] + text[start + length :], language))
    field_changes(looked({"a.kt": DATA}, {"a.kt": DATA[:start] + DATA[start + length :]}))


@pytest.mark.parametrize(
    "text",
    ["fun a(" * 3_000, "@GetMapping(" * 3_000, 'route("x") {' * 3_000, "a<" * 5_000 + "(", "class ARequest(" * 5_000],
)
def test_hostile_kotlin_ends(text):
    routes_of("a.kt", Text("io.ktor.server @GetMapping\n" + text))
    types_of(Text(text), "a.kt")
