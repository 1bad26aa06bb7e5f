"""The running bot: the only room that knows a messaging service."""
