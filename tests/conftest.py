"""How the property tests draw: the same examples every time, unless asked to look deeper."""

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=200)
settings.register_profile("deep", derandomize=False, deadline=None, max_examples=5000)
settings.load_profile(os.environ.get("KETACOST_HYPOTHESIS_PROFILE", "ci"))
