"""Estimators, calibration, and the forecaster made of them."""
