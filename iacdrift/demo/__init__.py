"""The whole story on one machine alone: a sample stack, real listeners, a real scan, a drift report."""
