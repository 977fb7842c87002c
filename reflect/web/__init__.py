"""HTTP in, HTML out: one module a noun, and the whole house in `app`."""

from reflect.web import ids

ids.limit()
