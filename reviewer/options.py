"""Every option, once: flag, environment variable, action input, configuration key and the sentence that explains it.

`cli` builds its parser from this table, `settings` its environment layer, and a test holds action.yml and the
reference page to it. Kept free of heavy imports: `--help` must start in a blink.
"""

from __future__ import annotations

from typing import NamedTuple

ENV_PREFIX = "DESIGN_REVIEWER_"

SEVERITIES = ("low", "medium", "high", "critical")
CONFIDENCES = ("low", "medium", "high")
FORMATS = ("terminal", "markdown", "json", "sarif", "rdjson", "html", "annotations", "gitlab", "junit")


class Option(NamedTuple):
    """One option. `setting`: it is also a key of the configuration file. `action`: it is also an action input."""

    name: str  # kebab-case: the flag without dashes, the configuration key, the action input
    help: str
    group: str
    metavar: str = ""
    choices: tuple[str, ...] = ()
    kind: str = "text"  # text | flag | many | int | float
    default: str = ""  # as shown to people
    setting: bool = False
    action: bool = False

    @property
    def env(self) -> str:
        """The environment variable that carries it (`DESIGN_REVIEWER_MAX_FINDINGS`)."""
        return ENV_PREFIX + self.name.upper().replace("-", "_")

    @property
    def dest(self) -> str:
        return self.name.replace("-", "_")


REVIEW: tuple[Option, ...] = (
    Option("range", "commits to review: A...B (since the merge base) or A..B", "target", "A...B"),
    Option("staged", "review what is staged for commit", "target", kind="flag"),
    Option("diff", "review a unified diff from FILE, or from standard input with -", "target", "FILE|-"),
    Option("pr", "review a pull request: OWNER/REPO#N or its URL", "target", "PR", action=True),
    Option("repo", "the repository's folder", "target", "PATH", default="the current folder"),
    Option(
        "provider",
        "who reads the change; auto takes the provider whose key is set, else offline",
        "model",
        choices=("auto", "anthropic", "openai", "offline"),
        default="auto",
        setting=True,
        action=True,
    ),
    Option("model", "model name", "model", "NAME", default="the provider's default", setting=True, action=True),
    Option(
        "base-url",
        "an endpoint that speaks the provider's protocol (OpenAI style ends in /v1)",
        "model",
        "URL",
        setting=True,
        action=True,
    ),
    Option(
        "fallback",
        "where to turn if the provider fails, in order; may be repeated",
        "model",
        "PROVIDER[:MODEL]",
        kind="many",
        setting=True,
        action=True,
    ),
    Option(
        "context-tokens",
        "the model's context window, for models we do not know",
        "model",
        "N",
        kind="int",
        setting=True,
        action=True,
    ),
    Option(
        "persona",
        "a persona by name, or an agent file",
        "review",
        "NAME|PATH",
        default="backend-architect",
        setting=True,
        action=True,
    ),
    Option(
        "language",
        "language of the review: en, pt-BR, auto (the pull request's own) or any other by name",
        "review",
        "LANGUAGE",
        default="en",
        setting=True,
        action=True,
    ),
    Option(
        "verify",
        "a second, adversarial look at each finding and question",
        "review",
        choices=("off", "on", "deep"),
        default="on",
        setting=True,
        action=True,
    ),
    Option(
        "min-severity",
        "leave out findings below this severity",
        "review",
        choices=SEVERITIES,
        default="low",
        setting=True,
        action=True,
    ),
    Option(
        "min-confidence",
        "leave out findings below this confidence",
        "review",
        choices=CONFIDENCES,
        default="low",
        setting=True,
        action=True,
    ),
    Option(
        "max-findings",
        "inline comments in one review; the rest goes into the summary (0: no limit)",
        "review",
        "N",
        kind="int",
        default="0",
        setting=True,
        action=True,
    ),
    Option(
        "evidence",
        "a SARIF file of another scanner, given to the reviewer as candidates; may be repeated",
        "review",
        "FILE.sarif",
        kind="many",
        action=True,
    ),
    Option(
        "config",
        "the configuration file",
        "review",
        "FILE",
        default=".github/design-reviewer.yml of the base commit",
        action=True,
    ),
    Option(
        "full",
        "review everything again, not only what changed since the last review",
        "review",
        kind="flag",
        action=True,
    ),
    Option(
        "max-cost-usd",
        "stop asking before the run would cost more",
        "limits",
        "USD",
        kind="float",
        setting=True,
        action=True,
    ),
    Option(
        "max-input-tokens",
        "send no more tokens than this; the riskiest code goes first",
        "limits",
        "N",
        kind="int",
        setting=True,
        action=True,
    ),
    Option(
        "deadline",
        "seconds for the whole run",
        "limits",
        "SECONDS",
        kind="int",
        default="900",
        setting=True,
        action=True,
    ),
    Option(
        "concurrency",
        "model calls under way at once",
        "limits",
        "N",
        kind="int",
        default="8",
        setting=True,
        action=True,
    ),
    Option(
        "batch",
        "ask through the provider's batch API: half the price, answers may take 24 hours (then also the deadline)",
        "limits",
        kind="flag",
    ),
    Option("shard", "review only part I of N (see the plan command)", "limits", "I/N", action=True),
    Option("format", "what standard output carries", "output", choices=FORMATS, default="terminal"),
    Option(
        "output",
        "also write FILE, in the format of its extension; may be repeated",
        "output",
        "FILE",
        kind="many",
        action=True,
    ),
    Option("post", "post the review to the pull request", "output", kind="flag", action=True),
    Option(
        "check-run",
        "also report as a check run (success, failure, or neutral for incomplete)",
        "output",
        kind="flag",
        setting=True,
        action=True,
    ),
    Option(
        "dry-run",
        "show exactly what would be sent and posted, with tokens and cost; needs no key",
        "output",
        kind="flag",
        action=True,
    ),
    Option(
        "fail-on",
        "exit 1 if a finding has at least this severity",
        "output",
        choices=(*SEVERITIES, "never"),
        default="never (in the Action: high)",
        setting=True,
        action=True,
    ),
    Option(
        "on-incomplete",
        "exit 4 or only warn if something was not reviewed",
        "output",
        choices=("fail", "warn"),
        default="fail",
        setting=True,
        action=True,
    ),
    Option("record", "write every exchange with the model to DIR (keys never)", "output", "DIR"),
    Option("replay", "answer from exchanges recorded in DIR instead of asking", "output", "DIR"),
    Option("audit", "append what was sent, to whom and when to FILE, as hashes", "output", "FILE", action=True),
    Option(
        "log", "how progress is told on standard error", "output", choices=("text", "json"), default="text", action=True
    ),
    Option("quiet", "no progress, only the report", "output", kind="flag"),
    Option("verbose", "more about what is happening", "output", kind="flag"),
)

GROUPS = {
    "target": "what to review (default: in Actions the event's pull request, else the work tree against the merge base)",
    "model": "who reads it",
    "review": "how it is read",
    "limits": "how much it may take",
    "output": "what comes out",
}

# Environment variables of others that we read; nothing else is read from the environment.
KEYS = {"anthropic": "ANTHROPIC_API_KEY", "openai": "OPENAI_API_KEY"}
FOREIGN_ENV = (
    *KEYS.values(),
    "GITHUB_TOKEN",
    "GITHUB_ACTIONS",
    "GITHUB_API_URL",
    "GITHUB_GRAPHQL_URL",
    "GITHUB_SERVER_URL",
    "GITHUB_REPOSITORY",
    "GITHUB_EVENT_NAME",
    "GITHUB_EVENT_PATH",
    "GITHUB_WORKSPACE",
    "GITHUB_OUTPUT",
    "GITHUB_STEP_SUMMARY",
    "RUNNER_TEMP",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "ANTHROPIC_BASE_URL",
    "OPENAI_BASE_URL",
    "CI_NODE_INDEX",
    "CI_NODE_TOTAL",
    "NO_COLOR",
    "FORCE_COLOR",
    "TERM",
    "COLUMNS",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
)
