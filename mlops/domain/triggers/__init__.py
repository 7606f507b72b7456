"""When a project trains again: conditions, triggers, and the policy that holds requests back."""
