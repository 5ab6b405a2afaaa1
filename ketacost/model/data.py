"""The data by name, public as `kc.data`: parameters and sources, protocols, published plans, payers and their steps.

A module of its own so that these names have a place beside the model's: it only hands them on.
"""

from ketacost.core.references import parameter, source
from ketacost.model.coverage import steps_under
from ketacost.model.payers import payer, register_payer
from ketacost.model.plans import published_plan, published_plans
from ketacost.model.protocols import protocol, protocols

__all__ = [
    "parameter",
    "payer",
    "protocol",
    "protocols",
    "published_plan",
    "published_plans",
    "register_payer",
    "source",
    "steps_under",
]
