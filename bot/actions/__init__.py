"""Hearback's custom actions, one file a citizen task: `python -m rasa_sdk --actions bot.actions`."""

from hearback import logs

logs.redact()
