"""The data by name, public as `kc.data`: parameters, sources, protocols, prices, published plans, payers and odds.

A module of its own so that these names have a place beside the model's: it only hands them on.
"""

from ketacost.core.references import parameter as parameter
from ketacost.core.references import source as source
from ketacost.core.references import sources as sources
from ketacost.model.allowed import register_method as register_method
from ketacost.model.courses import typical_prices as typical_prices
from ketacost.model.coverage import steps_under as steps_under
from ketacost.model.payers import Chance as Chance
from ketacost.model.payers import Payer as Payer
from ketacost.model.payers import payer as payer
from ketacost.model.payers import register_payer as register_payer
from ketacost.model.payers import treatment_of as treatment_of
from ketacost.model.plans import published_plan as published_plan
from ketacost.model.plans import published_plans as published_plans
from ketacost.model.policies import insurer as insurer
from ketacost.model.policies import insurers as insurers
from ketacost.model.protocols import protocol as protocol
from ketacost.model.protocols import protocols as protocols
from ketacost.model.protocols import register_protocol as register_protocol
from ketacost.model.protocols import register_service as register_service
from ketacost.model.protocols import service as service
from ketacost.model.rules import Rule as Rule
from ketacost.model.rules import register_rule as register_rule
from ketacost.model.rules import rules as rules

__all__ = [name for name in globals() if not name.startswith("_")]
