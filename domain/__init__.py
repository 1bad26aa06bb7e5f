"""After-sales as it is on paper: no clock, no I/O."""
