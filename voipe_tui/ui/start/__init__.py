"""Before the main screen: a first account, its trial, and a store that cannot be opened."""
