"""Author the notebooks: run, store and test them; no learner ever loads this."""
