"""`python -m ketacost` is the command line."""

from ketacost.cli import app

app(prog_name="ketacost")
