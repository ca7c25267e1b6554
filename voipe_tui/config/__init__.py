"""Profiles, settings, secrets and paths: what a person configures, read strictly and written safely."""
