"""Fixtures that several rooms use."""

pytest_plugins = ["tests.fakes.github.fixture"]
