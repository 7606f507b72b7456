"""Measured numbers against limits, and which event time is measured, trained on, set aside."""
