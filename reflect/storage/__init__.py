"""Tables and the way to them; knows no rules."""
