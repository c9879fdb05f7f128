"""Scores, and the splits by date behind them."""
