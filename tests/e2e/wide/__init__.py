"""Nearly every kind of resource that the platform's scenarios need: a program, a subject a module."""
