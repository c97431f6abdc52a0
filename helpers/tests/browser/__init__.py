"""JupyterLab and other pages in a real browser."""
