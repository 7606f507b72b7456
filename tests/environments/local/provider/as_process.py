"""The provider onto a stand-in, as a process of its own: ENDPOINT FOLDER PORT."""

import sys
import threading
from pathlib import Path

from environments.local.provider.__main__ import serve
from environments.local.provider.configuration import Surroundings
from tests.environments.local.provider.stand_in import Deployer

if __name__ == "__main__":
    endpoint, folder, wanted = sys.argv[1:]
    _, port = serve(Surroundings(endpoint=endpoint, variables={}, credential=Deployer()), Path(folder), int(wanted))
    print(port, flush=True)
    threading.Event().wait()
