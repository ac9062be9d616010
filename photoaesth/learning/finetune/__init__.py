"""The method of Zhou et al. 2021 (Z21): regression on rated photos, then pairwise rankings."""
