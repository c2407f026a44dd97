"""Decide what changed, what is due and what goes where: pure functions of values and a `now`."""
