"""The tests: a room for each of the helpers, and for notebooks, browser and mutants."""
