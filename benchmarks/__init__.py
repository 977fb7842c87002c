"""Measures Reflect side by side with other tools; `make bench` runs it, README.md says how it is done."""
