"""Write the golden prompts anew: `python -m tests.write_golden`. Read the difference before you commit it."""

from __future__ import annotations

from pathlib import Path

from tests.mind import printed, review_request, verify_request

GOLDEN = Path(__file__).resolve().parent / "golden"
PROMPTS = {
    "review.txt": review_request,
    "verify.txt": verify_request,
    "verify-deep.txt": lambda: verify_request("deep"),
}

if __name__ == "__main__":
    for name, build in PROMPTS.items():
        (GOLDEN / name).write_text(printed(build()), encoding="utf-8")
