"""Which trials are proposed and which are stopped; Optuna's tables."""
