"""How feeds are written, one module a format; the module's name is the file's extension."""
