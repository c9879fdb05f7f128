"""attend-ml forecasts who will come to a negotiation."""
