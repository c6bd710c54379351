"""What clients lose: an address or a field. Evidence only, with the nearest cases in which nobody loses anything."""

from __future__ import annotations

import pytest

from reviewer.nouns.changeset import Side
from reviewer.nouns.signal import Tier
from tests.evidence.changes import evidence_of

ROUTES = "router = APIRouter(prefix='/orders')\n\n@router.get('/{id}')\ndef one(id: int): ...\n\n@router.post('/')\ndef make(order: OrderIn): ...\n"
SPRING = '@RestController\n@RequestMapping("/orders")\npublic class Orders {\n  @GetMapping("/{id}")\n  public Order one(String id) { return null; }\n}\n'
TYPES = "class OrderCreate(BaseModel):\n    id: int\n    note: str = ''\n\nclass OrderOut(BaseModel):\n    id: int\n"


def found(base, head, rule):
    return [signal for signal in evidence_of(base, head).signals if signal.rule == rule]


@pytest.mark.parametrize(
    ("path", "text", "old", "new", "title", "side"),
    [
        ("a.py", ROUTES, "@router.get('/{id}')\ndef one(id: int): ...\n", "", "`GET /orders/{id}` is gone", Side.LEFT),
        ("a.py", ROUTES, "'/{id}'", "'/by-id/{id}'", "`GET /orders/{id}` is `GET /orders/by-id/{id}` now", Side.RIGHT),
        ("a.py", ROUTES, "router.post", "router.put", "`POST /orders` is `PUT /orders` now", Side.RIGHT),
        ("a.py", ROUTES, "prefix='/orders'", "prefix='/v2/orders'", "`GET /orders/{id}` is `GET /v2/orders/{id}` now", Side.RIGHT),
        ("A.java", SPRING, '"/{id}"', '"/one/{id}"', "`GET /orders/{id}` is `GET /orders/one/{id}` now", Side.RIGHT),
    ],
)  # fmt: skip
def test_an_address_that_is_gone_or_other(path, text, old, new, title, side):
    assert old in text
    first, *_ = found({path: text}, {path: text.replace(old, new)}, "route-removed-or-renamed")
    assert (first.title, first.side, first.tier, first.hazard) == (
        title,
        side,
        Tier.EVIDENCE,
        "route-removed-or-renamed",
    )


@pytest.mark.parametrize(
    ("base", "head"),
    [
        ({"a.py": ROUTES}, {"a.py": ROUTES.replace("{id}", "{number}")}),  # the name of a parameter
        ({"a.py": ROUTES}, {"b.py": ROUTES}),  # another file
        ({"a.py": ROUTES}, {"a.py": ROUTES + "\n@router.get('/x')\ndef x(): ...\n"}),
        (
            {"A.java": SPRING},
            {"A.java": SPRING.replace('@GetMapping("/{id}")', "@Override").replace("Orders {", "Orders implements OrdersApi {")},
        ),  # the interface has the address now
        ({"tests/test_a.py": ROUTES}, {"tests/test_a.py": "x = 1\n"}),
    ],
)  # fmt: skip
def test_an_address_that_stays(base, head):
    assert found(base, head, "route-removed-or-renamed") == []


def test_a_moved_mount_is_no_loss_and_many_losses_are_bounded():
    many = "router = APIRouter()\n" + "".join(f"\n@router.get('/{n}x')\ndef f{n}(): ...\n" for n in range(40))
    assert len(found({"a.py": many}, {"a.py": "router = APIRouter()\n"}, "route-removed-or-renamed")) == 10


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    note: str = ''\n", "", "`note` removed"),
        ("note: str = ''", "note: str", "`note` now required"),
        ("class OrderOut(BaseModel):\n    id: int", "class OrderOut(BaseModel):\n    id: str", "`id` int → str"),
        ("    note", "    kind: str\n    note", "`kind: str` added, required"),
    ],
)
def test_fields_that_break_clients(old, new, told):
    assert old in TYPES
    (signal,) = found({"a.py": TYPES}, {"a.py": TYPES.replace(old, new)}, "contract-field-changed-in-code")
    assert told in signal.message
    assert signal.tier is Tier.EVIDENCE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    note", "    kind: str = 'a'\n    note"),  # a new field with a default
        ("class OrderOut(BaseModel):\n", "class OrderOut(BaseModel):\n    kind: str\n"),  # more in an answer
        ("note: str = ''", "note: str = 'none'"),
    ],
)
def test_fields_nobody_misses(old, new):
    assert old in TYPES
    assert found({"a.py": TYPES}, {"a.py": TYPES.replace(old, new)}, "contract-field-changed-in-code") == []


def test_a_configuration_is_no_contract():
    go = 'package config\n\ntype Server struct {\n\tPort int `json:"port"`\n\tHost string `json:"host"`\n}\n'
    head = go.replace('\tHost string `json:"host"`\n', "")
    assert found({"internal/config/a.go": go}, {"internal/config/a.go": head}, "contract-field-changed-in-code") == []
    assert len(found({"api/a.go": go}, {"api/a.go": head}, "contract-field-changed-in-code")) == 1
