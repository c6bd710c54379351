"""Design review of backend changes: reliability, security and data integrity."""

__version__ = "0.1.0"
