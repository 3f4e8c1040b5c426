"""What the doors share, under typed keys of the aiohttp application."""

from __future__ import annotations

from aiohttp import web

from channels.allowances import Allowances
from channels.erasure import Deleting
from channels.neighbours import Neighbours, Wakes
from channels.rasa import Rasa
from channels.signals import Signals
from channels.twilio import TwilioAccount
from engagement.log import EngagementLog
from engagement.pictures import Pictures
from hearback.clock import Clock
from hearback.keys import Keys
from hearback.settings import Settings

SETTINGS = web.AppKey("settings", Settings)
LOG = web.AppKey("log", EngagementLog)
CLOCK = web.AppKey("clock", Clock)
KEYS = web.AppKey("keys", Keys)
SIGNALS = web.AppKey("signals", Signals)
RASA = web.AppKey("rasa", Rasa)
NEIGHBOURS = web.AppKey("neighbours", Neighbours)  # only where other processes share the work
INBOX: web.AppKey[Wakes] = web.AppKey("inbox")
LIMITS = web.AppKey("limits", Allowances)
PICTURES = web.AppKey("pictures", Pictures)
ERASER = web.AppKey("eraser", Deleting)
TWILIO = web.AppKey("twilio", TwilioAccount)
