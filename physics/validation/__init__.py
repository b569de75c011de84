"""The proof that the engine is right: measured beside closed forms, a peer and full waves.

Each module holds the measurements of one group, as functions that return `Check`s, and a
`section` that puts them together with a figure. The tests assert that the checks hold, and
`insonate validate` prints them: what is claimed is measured by one piece of code. Nothing in
the imaging chain imports any of it.
"""
