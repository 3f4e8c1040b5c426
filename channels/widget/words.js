/** The council's words, times and days in the language of the interface. */

/** Put values where the text names them: "{count} of {limit}". */
export function fill(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export class Words {
  /** @param {object} config as GET /api/chat/config gives it */
  constructor(config) {
    this.config = config;
    this.language = config.language;
    this.direction = config.languages.find((one) => one.code === config.language)?.direction ?? "ltr";
    this.clock = this.formatter({ hour: "numeric", minute: "2-digit", ...(this.language === "en" ? { hour12: true } : {}) });
    this.calendar = this.formatter({ weekday: "long", day: "numeric", month: "long" });
  }

  formatter(how) {
    // English that names no country would be written the American way.
    const locale = this.language === "en" ? "en-GB" : this.language;
    return new Intl.DateTimeFormat([locale, "en-GB"], how);
  }

  /** The words under this key; the council's name, phone and hours can stand in every text. */
  say(key, values = {}) {
    const { name, phone, opening_hours } = this.config;
    return fill(this.config.words[key] ?? "", { name, phone, opening_hours, ...values });
  }

  /** Who wrote a message. */
  author(message) {
    const names = { citizen: this.say("you"), staff: message.by ?? this.say("staff"), system: this.say("notice") };
    return names[message.author] ?? this.config.assistant;
  }

  time(date) {
    return this.clock.format(date).replace(/\s([ap]m)$/, "$1"); // 5:30pm, as GOV.UK writes it
  }

  /** "Today", "Yesterday", or the day. */
  day(date) {
    const days = Math.round((midnight(new Date()) - midnight(date)) / 86400000);
    if (days === 0) return this.say("today");
    return days === 1 ? this.say("yesterday") : this.calendar.format(date);
  }
}

function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
