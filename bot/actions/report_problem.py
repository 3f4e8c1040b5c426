"""report_problem: what, where, the questions of the service's definition, photo, contact, check, send."""

from __future__ import annotations

import re
from datetime import timedelta

from backoffice.catalogue import Entry
from backoffice.errors import BackOfficeError, BackOfficeRefused, NotFound
from bot.actions import answers
from bot.actions.report import FIXED_SERVICE, NO_CONTACT, NO_PHOTO, SKIPPED, Report
from bot.actions.services import Services
from bot.actions.turn import CitizenAction, Events, Say, Turn, pick, set_slots

SURE_SERVICE, MARGIN, POSSIBLE = 0.5, 0.2, 0.12
SURE_INTENT = 0.6
FORM = "report_problem_form"
CORRECTION = re.compile(r"^\W*(?:no|nope|nah|sorry|actually|wait|i meant|i mean|correction|not|oops|change)\b", re.IGNORECASE)
BACK = re.compile(r"^\W*(?:go |take me )?(?:back|previous|undo|one step back|last question)\W*$", re.IGNORECASE)
SKIP = re.compile(r"^\W*(?:skip|pass|next|no idea|dunno|don'?t know|dont know|not sure|unsure|idk|n/?a|none|no)\W*$", re.IGNORECASE)
NO = re.compile(
    r"^\W*(?:no|nope|nah|none|no thanks|no thank you|no photos?|no pics?|no picture|not got one|haven'?t got one|skip|n)\b", re.IGNORECASE
)
YES = re.compile(r"^\W*(?:y|yes|yeah|yep|yup|ye|ok|okay|sure|send|send it|fine|go ahead|correct|please do|yes please)\b", re.IGNORECASE)
URL = re.compile(r"https?://\S+")
# What a citizen may turn to in the middle of a report; anything else is read as an answer.
ASIDES = frozenset(
    (
        "ask_bin_day ask_information find_support check_request update_request withdraw_request talk_to_person help "
        "bot_challenge cancel restart report_danger make_complaint give_compliment ask_my_data out_of_scope goodbye"
    ).split()
)


class ValidateReportProblemForm(CitizenAction):
    """Takes what the citizen says into the report and names the next question; no event at all hands the turn to another task."""

    async def answer(self, say: Say, turn: Turn, services: Services) -> Events:
        report = Report.of(turn.slots)
        if turn.returning:
            return set_slots(requested_slot=turn.asked, misses=report.misses)
        entry = services.catalogue.get(report.service)
        if turn.asked is None:
            self._begin(turn, report, services)
        elif not self._take(say, turn, report, entry, services):
            return []
        entry = services.catalogue.get(report.service)
        return report.events(report.next(entry))

    def _begin(self, turn: Turn, report: Report, services: Services) -> None:
        """The sentence that began the report may say everything at once."""
        report.description = turn.words
        fixed = FIXED_SERVICE.get(turn.intent)
        if fixed and services.catalogue.get(fixed):
            report.service = fixed
        elif turn.picked and turn.picked[0] == "service":
            self._choose(turn.picked[1], report, services)
        else:
            self._match(turn, report)
        report.place = turn.entities.get("place") or turn.entities.get("postcode")

    def _match(self, turn: Turn, report: Report) -> None:
        ranked = [(code, score) for code, score in turn.services if score >= POSSIBLE]
        if ranked and ranked[0][1] >= SURE_SERVICE and (len(ranked) == 1 or ranked[0][1] - ranked[1][1] >= MARGIN):
            report.service = ranked[0][0]
        report.offered = [code for code, _ in ranked]

    def _choose(self, code: str, report: Report, services: Services) -> None:
        if services.catalogue.get(code) is None:
            report.offered = []
        elif code != report.service:
            report.service, report.details, report.offered = code, {}, []

    def _take(self, say: Say, turn: Turn, report: Report, entry: Entry | None, services: Services) -> bool:
        """Take an answer into the report; False when the citizen turned to something else."""
        if turn.picked:
            self._take_choice(turn.picked, report, entry, services)
            return True
        if BACK.match(turn.words):
            report.back(entry)
            return True
        # "skip" is near "cancel" for the classifier: it passes one question over and never throws the report away.
        skips = SKIP.match(turn.words) is not None
        if not skips and turn.means("report_danger", "cancel", "restart", sure=0.5):
            return False
        if turn.intent.startswith("report_danger") and turn.asked != "check":
            return False
        if self._corrected(say, turn, report):
            return True
        taken = getattr(self, f"_take_{turn.asked}")(turn, report, entry, services)
        if taken:
            report.misses = 0
            return True
        if not skips and (turn.means(*ASIDES, sure=SURE_INTENT) or turn.means("thanks", "greet", "help", "talk_to_person")):
            return False
        report.misses += 1
        say("utter_not_an_answer" if report.misses < 2 else "utter_not_an_answer_again")
        return True

    def _take_choice(self, picked: tuple[str, str], report: Report, entry: Entry | None, services: Services) -> None:
        slot, value = picked
        report.misses = 0
        if slot == "service":
            self._choose(value, report, services)
        elif slot == "change":
            self._change(value, report)
        elif slot.startswith("detail-") and entry:
            report.details[slot.removeprefix("detail-")] = value

    def _change(self, value: str, report: Report) -> None:
        report.offered, report.check = [], None
        if value.startswith("detail-"):
            report.details.pop(value.removeprefix("detail-"), None)
        elif value == "service":
            report.service, report.details = None, {}
        elif value in {"place", "photo", "contact"}:
            setattr(report, value, None)
        elif value == "description":
            report.description = ""

    def _corrected(self, say: Say, turn: Turn, report: Report) -> bool:
        """ "No, Mill Road": a new place while another question stands."""
        place = turn.entities.get("place")
        if (
            not place
            or turn.asked == "place"
            or not report.place
            or not (CORRECTION.match(turn.words) or turn.means("inform", "deny", sure=0.6))
        ):
            return False
        if turn.asked == "details" and not CORRECTION.match(turn.words):
            return False
        report.place = corrected_place(report.place, place, turn.entities.get("street"))
        say("utter_place_changed", place=report.place)
        return True

    def _take_service(self, turn: Turn, report: Report, entry: Entry | None, services: Services) -> bool:
        if turn.intent in ASIDES and turn.confidence >= SURE_INTENT:
            return False
        offered = [(code, found.service.name) for code in report.offered if (found := services.catalogue.get(code))]
        if len(keys := answers.keys_of(offered, turn.words)) == 1:
            self._choose(keys[0], report, services)
            return True
        before = report.offered
        self._match(turn, report)
        if not report.description or len(turn.words) > len(report.description):
            report.description = turn.words
        report.place = report.place or turn.entities.get("place")
        return report.service is not None or (bool(report.offered) and report.offered != before)

    def _take_place(self, turn: Turn, report: Report, entry: Entry | None, services: Services) -> bool:
        place = turn.entities.get("place") or turn.entities.get("postcode")
        if place is None and turn.means(*ASIDES, sure=SURE_INTENT):
            return False
        words = turn.words.strip()
        if place is None and (len(words) < 3 or SKIP.match(words) or YES.match(words) or not re.search(r"[a-zA-Z]{3}", words)):
            return False
        report.place = words[:200] if place is None or len(words) < 80 else place
        return True

    def _take_details(self, turn: Turn, report: Report, entry: Entry | None, services: Services) -> bool:
        question = report.question(entry)
        if question is None:
            return True
        if turn.means(*ASIDES, sure=0.8) and question.datatype not in {"text", "string"}:
            return False
        if turn.means(*ASIDES, sure=0.9) and turn.words.rstrip().endswith("?"):
            return False
        if not question.required and (SKIP.match(turn.words) or turn.means("deny")):
            report.details[question.code] = SKIPPED
            return True
        try:
            report.details[question.code] = answers.read(question, turn.words, services.clock.now())
        except answers.NotAnAnswer:
            return False
        return True

    def _take_photo(self, turn: Turn, report: Report, entry: Entry | None, services: Services) -> bool:
        if turn.media:
            report.photo = "received"
        elif link := URL.search(turn.words):
            report.photo = link.group()
        elif NO.match(turn.words) or SKIP.match(turn.words) or turn.means("deny"):
            report.photo = NO_PHOTO
        return report.photo is not None

    def _take_contact(self, turn: Turn, report: Report, entry: Entry | None, services: Services) -> bool:
        if turn.contacts:
            report.contact = str(turn.contacts[0])
        elif NO.match(turn.words) or SKIP.match(turn.words) or turn.means("deny"):
            report.contact = NO_CONTACT
        elif YES.match(turn.words) or turn.means("affirm"):
            report.contact = "here" if turn.channel == "sms" else None
        return report.contact is not None

    def _take_check(self, turn: Turn, report: Report, entry: Entry | None, services: Services) -> bool:
        if report.offered == ["change"] and entry:
            if len(keys := answers.keys_of(changeable(report, entry), turn.words)) == 1:
                self._change(keys[0], report)
                return True
            return False
        if YES.match(turn.words) or turn.means("affirm"):
            report.check = "send"
        elif NO.match(turn.words) or turn.means("deny"):
            report.offered = ["change"]
        else:
            return False
        return True


def corrected_place(before: str, now: str, street: str | None) -> str:
    """The new place; where only a street's name is new, the house and the words around it stay and the old postcode goes."""
    if street is None or now.strip() != street.strip() or re.match(r"\d", street):
        return now
    kept = re.match(r"^(.*?\d{1,4}[a-zA-Z]?)\s", before)
    return f"{kept[1]} {street}" if kept and not re.match(r"^\W*$", kept[1]) else street


def changeable(report: Report, entry: Entry) -> list[tuple[str, str]]:
    """(value, title) pairs of what can be changed before sending; the questions are the council's own words."""
    details = [(f"detail-{one.code}", one.question) for one in entry.attributes if one.code in report.details]
    return [("service", entry.service.name), ("place", report.place or ""), *details]


class ActionAskReportProblemFormService(CitizenAction):
    async def answer(self, say: Say, turn: Turn, services: Services) -> None:
        report = Report.of(turn.slots)
        named = [(found.service.name, pick("service", code)) for code in report.offered if (found := services.catalogue.get(code))]
        if named:
            say("utter_ask_which_service", named)
        elif not services.catalogue.entries:
            say("utter_services_unknown")
        else:
            say("utter_ask_service")


class ActionAskReportProblemFormDetails(CitizenAction):
    """Asks the next question of the service's definition, in the council's own words."""

    async def answer(self, say: Say, turn: Turn, services: Services) -> None:
        report = Report.of(turn.slots)
        question = report.question(services.catalogue.get(report.service))
        if question is None:
            return
        optional = "" if question.required else "_optional"
        if question.datatype == "multivaluelist":
            listed = "\n".join(f"{at}. {name}" for at, (_, name) in enumerate(question.values, 1))
            say(f"utter_ask_details_several{optional}", question=question.question, values=listed)
            return
        single = question.datatype == "singlevaluelist"
        choices = [(name, pick(f"detail-{question.code}", key)) for key, name in question.values] if single else []
        say(f"utter_ask_details{optional}", choices, question=question.question)


class ActionAskReportProblemFormCheck(CitizenAction):
    """Shows the whole report before it is sent."""

    async def answer(self, say: Say, turn: Turn, services: Services) -> None:
        report = Report.of(turn.slots)
        entry = services.catalogue.get(report.service)
        if entry is None:
            return
        if report.offered == ["change"]:
            say("utter_ask_change", [(title, pick("change", value)) for value, title in changeable(report, entry)])
            return
        details = "".join(f"\n{question} {answer}" for question, answer in report.shown_details(entry))
        say("utter_ask_check", service=entry.service.name, place=report.place, details=details)


class ActionSendReport(CitizenAction):
    """Writes the request down, sends it to the back office and tells the reference; keeps it for later when that fails."""

    async def answer(self, say: Say, turn: Turn, services: Services) -> Events:
        report = Report.of(turn.slots)
        entry = services.catalogue.get(report.service)
        cleared = [*Report().events(None), *set_slots(misses=0)]
        if entry is None or report.check != "send":
            say("utter_cancelled")
            return cleared
        request, new = await services.log.requests.open(
            key=turn.key,
            conversation_id=turn.conversation,
            service_code=entry.service.code,
            service_name=entry.service.name,
            report=report.sent(),
            contact_id=int(report.contact) if report.contact and report.contact.isdigit() else None,
            updates=report.contact not in {None, NO_CONTACT},
        )
        if not new:
            say("utter_request_sent" if request.reference else "utter_request_kept_for_later", reference=request.reference or "")
            return [*cleared, *set_slots(reference=request.reference)]
        try:
            created = await services.open311.create(request.service_code, request.report, tag=request.tag)
        except (BackOfficeRefused, NotFound) as error:
            reasons = "; ".join(getattr(error, "reasons", [])) or type(error).__name__
            await services.log.requests.refuse(request.key, error=reasons[:500])
            await services.log.hand_over(turn.conversation, key=turn.key, reason="request_refused")
            say(BackOfficeRefused.response)
            return cleared
        except BackOfficeError as error:
            await services.log.requests.keep(request.key, after=timedelta(seconds=10), error=type(error).__name__)
            say(error.response)
            return cleared
        told = created.reference is not None or created.token is None
        await services.log.requests.sent(
            request.key, reference=created.reference, token=created.token, service_notice=created.service_notice, told=told
        )
        if created.reference:
            say("utter_request_sent", reference=created.reference)
        else:
            say("utter_request_sent_without_reference")
        return [*cleared, *set_slots(reference=created.reference)]
