"""The words by which people stop texts, start them again and ask who writes. Twilio answers them; we obey and write them down.

https://help.twilio.com/articles/223134027 and https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
"""

from __future__ import annotations

from engagement.values import OptOut

STOP, START, HELP = (OptOut(kind=kind) for kind in ("STOP", "START", "HELP"))
WORDS = {
    **dict.fromkeys("STOP STOPALL UNSUBSCRIBE QUIT REVOKE OPTOUT".split(), STOP),
    # Answers to the assistant's questions too.
    **dict.fromkeys("END CANCEL".split(), OptOut(kind="STOP", unless_busy=True)),
    **dict.fromkeys("START UNSTOP".split(), START),
    "YES": OptOut(kind="START", if_stopped=True),
    **dict.fromkeys("HELP INFO".split(), HELP),
}
DECIDED = {one.kind: one for one in (STOP, START, HELP)}


def read(text: str, decided: str = "") -> OptOut | None:
    """What a text asks for: as Twilio has decided (its OptOutType), else where the text is one of the words alone."""
    if decided.upper() in DECIDED:
        return DECIDED[decided.upper()]
    return WORDS.get(text.strip().rstrip(".!").rstrip().upper())
