"""What a ``%%parallel`` cell means: parse, find regions, classify, split, emit. Pure functions over ``ast``."""

from .plan import Plan, Region, plan, plan_tree, surprise
from .refusals import Refusal

__all__ = ["Plan", "Refusal", "Region", "plan", "plan_tree", "surprise"]
