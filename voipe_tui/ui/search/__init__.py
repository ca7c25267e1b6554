"""Narrowing a list: the line to type into, the filters in it, and looking through the store bit by bit."""
