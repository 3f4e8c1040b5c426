"""`python -m bot.actions.server`: rasa-sdk's action server with our actions, on loopback only."""

from __future__ import annotations

import errno
import sys

from rasa_sdk.endpoint import create_app
from sanic.request import Request
from sanic.response import HTTPResponse, json

import bot.actions
from hearback import logs
from hearback.settings import Settings


def main() -> None:
    settings = Settings.from_environ()
    logs.set_up("actions", form=settings.log_format)
    app = create_app(bot.actions)
    app.config.ACCESS_LOG = False

    @app.exception(Exception)
    async def hide(request: Request, error: Exception) -> HTTPResponse:
        """rasa-sdk answers and logs an error with the whole conversation in it; its place is enough."""
        logs.logger.error("an action failed: %s", logs.where(error))
        return json({"error": "The action failed.", "action_name": ""}, status=500)

    logs.redact()
    logs.shape("actions", settings.log_format)
    try:
        app.run(host="127.0.0.1", port=settings.actions_port, workers=1, access_log=False, motd=False)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print(f"HEARBACK_ACTIONS_PORT is {settings.actions_port}, and another program uses it.", file=sys.stderr)  # noqa: T201
        sys.exit(2)


if __name__ == "__main__":
    main()
