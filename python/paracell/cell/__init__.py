"""What a ``%%parallel`` cell means: parse, find regions, classify, split, emit. Pure functions over ``ast``."""
