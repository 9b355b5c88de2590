"""Layers before training: scale invariance, starting profiles, largest strengths."""
