"""paracell: a Jupyter kernel whose ``%%parallel`` cells run loops on all cores and mean the same."""
