"""The Insonate desktop program and its command line (the only package that knows Qt)."""
