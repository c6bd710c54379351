"""The views that addresses lead to, where the change holds both: Django's urls and Rails' routes name them only."""

from __future__ import annotations

import re
from dataclasses import replace

from reviewer.evidence.routes.read import RouteChange, Routes
from reviewer.evidence.routes.route import Route

_NAMING = frozenset({"django", "rails"})


def view_name(route: Route) -> str:
    """What a view and the address that serves it have in common; "" where there is nothing to go by.

    GET /orders (api/orders#index)  and  Api::OrdersController#index  ->  "rails OrdersController#index"
    """
    if route.framework not in _NAMING:
        return ""
    if route.framework == "django":
        return f"django {route.handler.rpartition('.')[2]}" if route.method in {"ANY", "VIEW"} else ""
    if route.method == "VIEW":
        return f"rails {route.path.strip('/').rpartition('::')[2]}"
    controller, mark, action = route.handler.partition("#")
    words = re.split(r"_", controller.rpartition("/")[2])
    return f"rails {''.join(word[:1].upper() + word[1:] for word in words)}Controller#{action}" if mark else ""


class Views:
    """The views of the changed files by name; a name that two of them have says nothing."""

    def __init__(self, routes: Routes) -> None:
        self._head = _by_name(routes.head)
        self._base = _by_name(routes.base)

    def guarded(self, change: RouteChange) -> RouteChange:
        """The change with the guards of the views its addresses lead to."""
        was, now = _with_view(change.before, self._base), _with_view(change.after, self._head)
        one_sided = (
            change.before is not None and change.after is not None and (was, now) != (change.before, change.after)
        )
        if one_sided and (was == change.before or now == change.after):
            return change  # the other view stands in a file that the change leaves alone
        return RouteChange(was, now)

    def of(self, route: Route) -> Route | None:
        """The view of an address, None where it is not in the change."""
        return self._head.get(view_name(route)) if route.method != "VIEW" else None


def _by_name(routes: tuple[Route, ...]) -> dict[str, Route]:
    found: dict[str, list[Route]] = {}
    for route in routes:
        if route.method == "VIEW" and view_name(route):
            found.setdefault(view_name(route), []).append(route)
    return {name: group[0] for name, group in found.items() if len(group) == 1}


def _with_view(route: Route | None, views: dict[str, Route]) -> Route | None:
    if route is None or route.guards or route.method == "VIEW":
        return route
    view = views.get(view_name(route))
    return replace(route, guards=view.guards) if view is not None else route
