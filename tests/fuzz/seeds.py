"""Where fuzzing starts: one well-formed input of each kind, and words its grammar is made of."""

from __future__ import annotations

from reviewer import report_file, state
from tests.builders import a_review
from tests.mind import CHANGE, answer, said

SEEDS: dict[str, list[bytes]] = {
    "diffs": [
        CHANGE,
        b'diff --git "a/\\303\\251" "b/x y"\nsimilarity index 90%\nrename from a\nrename to b\n',
        b"diff --git a/x b/x\nold mode 100644\nnew mode 120000\nBinary files a/x and b/x differ\n",
    ],
    "replies": [answer(said()).encode(), b"```json\n" + answer().encode() + b"\n```"],
    "anchors": [
        b"app/charge.py\n    reply = requests.post(URL, json=order.body())",
        b"b/app/refund.py\n+11|    order.save()",
    ],
    "texts": [b"**a** `b` [c](https://owasp.org/x) @d #1\n- e\n```py\nf\n```", b"<b>&amp;</b> ::error::x /approve"],
    "states": [
        b'{"head_sha": "aaaa", "reviewed": ["000000000000"], "findings": [], "acknowledged": []}',
        state.SUMMARY_MARK.encode(),
    ],
    "configurations": [b"persona: backend-architect\nscope:\n  exclude: ['x/**']\nfail-on: high\n"],
    "sarifs": [
        (
            b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": [{"ruleId": "r", "message": {"text": "m"},'
            b'"locations": [{"physicalLocation": {"artifactLocation": {"uri": "app/charge.py"}, "region": {"startLine": 4}}}]}]}]}'
        )
    ],
    "reports": [report_file.dump(a_review()).encode()],
}
WORDS = [
    b"diff --git ", b"@@ -1 +1 @@\n", b"+++ b/", b"--- /dev/null\n", b"\\ No newline at end of file\n", b"rename to ", b"GIT binary patch\n",
    b'{"findings": [', b"null", b"}", b"]", b'"', b"\\u202e", b"\xe2\x80\xae", b"`", b"```", b"<!--", b"-->", b"@", b"#1", b"::", b"/x",
    b"[x](", b"<img>", b"\x1b[", b"\r\n", b"\x00", b"\xff", b"&a [*a]", b"!!python/object", b": ", b"- ", b"999999999999999999999", b"-1",
]  # fmt: skip
