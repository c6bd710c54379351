"""SQL and schema changes: readers of every migration tool, what each operation costs, what of it hurts."""
