"""Inbox and outbox: one list each, with its search, its saved views and the message under the cursor."""
