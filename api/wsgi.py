"""What the web server loads in each worker process: settings, platform, application. Nothing runs before the fork."""

from __future__ import annotations

from api.app import create_app
from bootstrap.container import Platform
from bootstrap.settings import Settings
from bootstrap.waking import Waker

platform = Platform.open(Settings.from_environment())
Waker(platform).start()
app = create_app(platform)
