"""How messages leave, one module a channel; the module's name is its name in the settings."""
