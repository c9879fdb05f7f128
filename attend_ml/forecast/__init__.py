"""Forecasts, and what stands behind them."""
