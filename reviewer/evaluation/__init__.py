"""Measure the reviewer on labelled changes: cases in, scores out. `commands/eval.py` is its command."""
