"""What every test gets: hypothesis profiles that fit two shared cores, and a fake GitHub."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.fakes.tls", "tests.fakes.github.fixture"]

settings.register_profile("suite", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")
