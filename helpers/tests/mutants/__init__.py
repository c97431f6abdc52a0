"""Small wrong changes, and whether any test notices them."""
