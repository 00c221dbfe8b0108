"""All SQL and the upload folder."""
