"""The loop's memory in a relational database: SQLAlchemy Core, SQLite embedded."""
