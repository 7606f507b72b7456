"""What comes in (events, their signatures) and what goes out (notifications)."""
