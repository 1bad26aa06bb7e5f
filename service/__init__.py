"""One event is one transaction."""
