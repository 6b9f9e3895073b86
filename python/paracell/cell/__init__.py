"""What a ``%%parallel`` cell means: parse, find regions, classify, split, emit. Pure functions over ``ast``."""

from .later import plan_later
from .plan import Plan, Region, plan, plan_tree, surprise
from .refusal import Refusal

__all__ = ["Plan", "Refusal", "Region", "plan", "plan_later", "plan_tree", "surprise"]
