"""The resource manager: store, ids, long-running operations, errors, identity."""
