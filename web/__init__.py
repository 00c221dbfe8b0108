"""Flask: callbacks, health, pages."""
