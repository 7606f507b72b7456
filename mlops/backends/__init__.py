"""The only users of azure-ai-ml, SQLAlchemy and blob stores."""
