"""Insights: from counted answers to what a teacher or a leader can act on; about a class, never a score of a person."""
