"""What the project watches of its own speed: each file of ``measures`` measures one thing in real kernels, beside peers
where there are any; ``python -m bench`` runs them and writes tables and plots."""
