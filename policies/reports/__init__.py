"""What was found, as a table, JSON, SARIF, HTML or JUnit: one function of a report each."""
