from __future__ import annotations

import pytest

from reviewer.evidence.routes.calls import new_calls
from reviewer.evidence.routes.fields import field_changes
from tests.evidence.looking import looked

PYDANTIC = 'class OrderIn(BaseModel):\n    id: int\n    note: str = ""\n    at: int = Field(default=1)\n    n: int = Field(gt=0)\n'
DRF = 'class OrderSerializer(serializers.ModelSerializer):\n    total = serializers.IntegerField(read_only=True)\n\n    class Meta:\n        fields = ["id", "note"]\n'
GO = 'package a\n\ntype Order struct {\n\tID   int    `json:"id"`\n\tNote string `json:"note,omitempty" binding:"required"`\n\tx    int\n}\n'
TS = "export class CreateOrderDto {\n  @IsString()\n  id: string;\n\n  @IsOptional()\n  note: string;\n}\nexport class Helper {\n  a: string;\n}\n"
JAVA = "public record OrderRequest(@NotNull String id, int note) {\n}\n"
JAVA_CLASS = "public class OrderDto {\n    @NotBlank\n    private String id;\n    private int note;\n}\n"


@pytest.mark.parametrize(
    ("path", "text", "old", "new", "expected"),
    [
        ("a.py", PYDANTIC, '    note: str = ""\n', "", ["`note` removed"]),
        ("a.py", PYDANTIC, 'note: str = ""', "note: str", ["`note` now required"]),
        ("a.py", PYDANTIC, "id: int", "id: str", ["`id` int → str"]),
        ("a.py", PYDANTIC, "n: int = Field(gt=0)", "n: int = Field(0, gt=0)", ["`n` no longer required"]),
        ("a.py", DRF, '"id", "note"', '"id"', ["`note` removed"]),
        ("a.go", GO, 'json:"note,omitempty"', 'json:"remark"', ["`note` removed", "`remark: string` added, required"]),
        ("a.go", GO, "\tx    int\n", "\ty    int\n", []),
        ("a.dto.ts", TS, "  @IsOptional()\n", "", ["`note` now required"]),
        ("a.dto.ts", TS, "  a: string;", "  b: string;", []),
        ("A.java", JAVA, "int note", "@NotNull Long note", ["`note` int → Long"]),
        ("A.java", JAVA_CLASS, "    private int note;\n", "", ["`note` removed"]),
    ],
)
def test_fields_a_client_sees(path, text, old, new, expected):
    assert old in text
    found = field_changes(looked({path: text}, {path: text.replace(old, new)}))
    assert [change.told for change in found] == expected


CALLS = [
    (
        "a.py",
        "def f():\n    pass\n",
        "def f():\n    for o in Order.objects.all():\n        Item.objects.get(order_id=o.id)\n",
        [("Order.objects.all", ""), ("Item.objects.get", "Order.objects.all()")],
    ),
    (
        "a.py",
        "def f():\n    pass\n",
        "def f():\n    return [session.execute(q) for q in qs]\n",
        [("session.execute", "qs")],
    ),
    (
        "a.ts",
        "class S { async f(ids) {\n} }\n",
        "class S { async f(ids) {\n  await Promise.all(ids.map(async (i) => { await this.userRepository.findOne(i); }));\n} }\n",
        [("this.userRepository.findOne", "ids")],
    ),
    (
        "a.go",
        "package a\n\nfunc F() {\n}\n",
        'package a\n\nfunc F() {\n\tfor _, id := range ids {\n\t\tdb.QueryRow("SELECT 1", id)\n\t}\n}\n',
        [("db.QueryRow", "ids")],
    ),
    (
        "a.rb",
        "def f\nend\n",
        "def f\n  ids.each do |i|\n    User.find_by(email: i)\n  end\nend\n",
        [("User.find_by", "ids")],
    ),
    (
        "A.java",
        "class A {\n}\n",
        "class A {\n  void f() {\n    for (Long id : ids) {\n      userRepository.findById(id);\n    }\n  }\n}\n",
        [("userRepository.findById", "ids")],
    ),
    ("a.py", "def f():\n    pass\n", "def f():\n    return math.sqrt(2) + d.get('x')\n", []),
]


@pytest.mark.parametrize(
    ("path", "base", "head", "expected"), CALLS, ids=[f"{path}-{len(head)}" for path, _, head, _ in CALLS]
)
def test_new_calls_and_their_loops(path, base, head, expected):
    found = new_calls(looked({path: base}, {path: head})).get(path, ())
    assert [(call.callee, call.loop) for call in found] == expected


def test_a_moved_call_is_not_new():
    base = "def f():\n    session.execute(q)\n"
    assert new_calls(looked({"a.py": base}, {"a.py": "import os\n\n\n" + base})) == {}


def test_a_call_that_moves_into_a_loop_is_new():
    base, head = "def f():\n    session.execute(q)\n", "def f():\n    for q in qs:\n        session.execute(q)\n"
    (call,) = new_calls(looked({"a.py": base}, {"a.py": head}))["a.py"]
    assert call.loop == "qs"
