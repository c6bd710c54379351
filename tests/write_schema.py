"""Write docs/review.schema.json anew: `python -m tests.write_schema`."""

from __future__ import annotations

import json
from pathlib import Path

from reviewer import report_file

if __name__ == "__main__":
    path = Path(__file__).resolve().parent.parent / "docs" / "review.schema.json"
    report_file.write(path, json.dumps(report_file.schema(), indent=2) + "\n")
