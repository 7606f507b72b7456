"""What would fail, found before it costs anything.

For programs: `run.preflight(document, azure)`; for people: `python -m infra.preflight STACK`.
"""
