"""The check-in form as a Django app."""
