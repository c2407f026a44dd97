"""Where posts come from, one module a kind; the module's name is its name in the settings."""
