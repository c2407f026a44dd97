"""Make MIME messages and hand them to a transport."""
