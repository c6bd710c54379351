"""The tables of facts: one module a section of the review, built by code, each row with its place."""
