"""`python -m ketacost` is the command line."""

from ketacost.cli import app

if __name__ == "__main__":
    app(prog_name="ketacost")
