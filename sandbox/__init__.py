"""A local Telegram for demos and end-to-end tests."""
