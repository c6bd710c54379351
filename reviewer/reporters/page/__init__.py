"""The parts of the HTML report: text, diff data, diagrams, tables, style and script."""
