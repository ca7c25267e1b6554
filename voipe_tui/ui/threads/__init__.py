"""Conversations: their list, one of them as a transcript, the box to answer in."""
