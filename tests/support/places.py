"""Where things lie in a checkout, for tests."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DATA, DOCS, NOTEBOOKS, TESTS = ROOT / "data", ROOT / "docs", ROOT / "notebooks", ROOT / "tests"
