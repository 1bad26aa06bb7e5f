"""The procedures, pure functions read top to bottom."""
