"""Runs models on the platform: monitors, triggers, gates, rollouts."""
