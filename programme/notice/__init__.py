"""How a printed notice becomes data: a parser of notices in general, pure."""
