"""`python -m tests.mutants`."""

import sys

from tests.mutants.planted import main

sys.exit(main())
