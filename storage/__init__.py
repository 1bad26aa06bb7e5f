"""Rows: one file per noun of the trade."""
