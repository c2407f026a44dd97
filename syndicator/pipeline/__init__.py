"""The main job, in the order in which it happens.

scanning     read the sources, decide what changed, store it and queue the instant deliveries: one transaction
publishing   write the feeds that changed
planning     freeze the digests that are due and queue them: one transaction
delivering   claim what is due, compose, send, settle

Each step leaves the store in a state from which the next run goes on, wherever this one stops.
"""
