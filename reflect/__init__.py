"""Reflect: wellbeing check-ins inside a school's LMS, self-hosted and private by design."""

__version__ = "0.1.0"
