"""The app: `cdktf synth`, or python main.py."""

import os
import sys

from stacks import Network, Web

try:
    from cdktn import App
except ImportError:
    from cdktf import App

from iacdrift.cdktf import NetworkDriftCheck

app = App()
network = Network(app, "network")
Web(app, "web", network, *filter(None, [os.environ.get("ADMINS")]))
NetworkDriftCheck().attach(app)
try:
    app.synth()
except RuntimeError as error:
    sys.exit(str(error))  # jsii's traceback says nothing more
