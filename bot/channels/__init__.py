"""Messaging services behind one port: updates in, letters out."""
