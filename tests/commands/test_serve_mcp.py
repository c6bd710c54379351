"""The MCP server, asked by the SDK's own client over standard input and output."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mcp")

from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp_types import CallToolResult, TextContent

from tests.gitrepo import GitRepo

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLE = (ROOT / "examples" / "order-service" / "change.diff").read_text()


def ask(repo: Path, *calls: tuple[str, dict[str, object]]) -> list[CallToolResult]:
    """Start the command as an agent would, and make the calls."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "reviewer", "serve-mcp", "--repo", str(repo), "--provider", "offline"],
        env={"PYTHONPATH": str(ROOT)},
    )

    async def session() -> list[CallToolResult]:
        async with Client(server, read_timeout_seconds=60) as client:
            tools = await client.list_tools()
            assert {tool.name for tool in tools.tools} == {"review_range", "review_diff", "explain_hazard"}
            assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools.tools)
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return asyncio.run(session())


def text_of(result: CallToolResult) -> str:
    return "".join(part.text for part in result.content if isinstance(part, TextContent))


def test_an_agent_gets_reviews_and_explanations_and_readable_errors(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path)
    repo.write("app/db.py", "def find(cursor, name):\n    pass\n")
    repo.commit()
    repo.write("app/db.py", "def find(cursor, name):\n    cursor.execute(f\"select * from t where n = '{name}'\")\n")
    repo.commit()
    diff, as_json, ranged, hazard, wrong, nowhere = ask(
        tmp_path,
        ("review_diff", {"diff": SAMPLE}),
        ("review_diff", {"diff": SAMPLE, "format": "json"}),
        ("review_range", {"range": "HEAD~1..HEAD", "format": "json"}),
        ("explain_hazard", {"name": "money-as-float"}),
        ("explain_hazard", {"name": "no-such-thing"}),
        ("review_range", {"range": "--output=x"}),
    )
    assert "migration-add-required-column" in text_of(diff)
    assert json.loads(text_of(as_json))["verdict"] == "findings"
    assert [finding["hazard"] for finding in json.loads(text_of(ranged))["findings"]] == ["sql-built-by-interpolation"]
    assert "What to do" in text_of(hazard)
    assert wrong.is_error
    assert "money-as-float" in text_of(wrong)
    assert nowhere.is_error


def test_without_the_sdk_the_error_says_which_extra() -> None:
    hide = "import sys; sys.modules['mcp'] = None; from reviewer.cli import main; sys.exit(main(['serve-mcp']))"
    done = subprocess.run(
        [sys.executable, "-c", hide], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "design-reviewer[mcp]" in done.stderr
