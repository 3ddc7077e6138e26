"""What we remember: the only folder that knows SQLAlchemy."""
