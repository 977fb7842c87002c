"""What the tool is about: plain functions over a database session and pure ones over values; knows no HTTP."""
