"""Estimators of scikit-learn's kind: a study, its boundaries and the trained network behind fit."""
