/**
 * The conversation's events as they happen. The browser's EventSource cannot say who calls, so this reads server-sent events from fetch:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */

const SILENCE = 50_000; // ms; a sign of life comes every 20 seconds
const LONGEST_PAUSE = 30_000; // ms

/** Takes text in pieces as it comes and gives {event, data, id} for each whole event. */
export class EventParser {
  constructor() {
    this.rest = "";
    this.fields = { event: "message", data: [] };
    this.id = "";
  }

  *push(piece) {
    const lines = (this.rest + piece).split("\n");
    this.rest = lines.pop();
    for (const line of lines) {
      const event = this.line(line.replace(/\r$/, ""));
      if (event) yield event;
    }
  }

  line(line) {
    if (line === "") {
      const { event, data } = this.fields;
      this.fields = { event: "message", data: [] };
      return data.length ? { event, data: data.join("\n"), id: this.id } : null;
    }
    const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line);
    if (name === "data") this.fields.data.push(value);
    else if (name === "event") this.fields.event = value;
    else if (name === "id") this.id = value;
    return null;
  }
}

/** Keeps a connection to the events until it is closed, whatever happens in between. */
export class Stream {
  /**
   * @param {import("./api.js").Api} api
   * @param {{last: () => number, event: (name: string, data: any) => void, live: (live: boolean) => void, gone: () => void}} heard
   */
  constructor(api, heard) {
    Object.assign(this, { api, heard, open: false, tries: 0 });
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.check());
  }

  start() {
    if (this.open) return;
    this.open = true;
    this.tries = 0;
    this.run();
  }

  stop() {
    this.open = false;
    this.abort?.abort();
    this.hurry();
  }

  async run() {
    const run = (this.current = {}); // a later start() takes over from this loop
    while (this.open && this.current === run) {
      let wait = 0;
      try {
        await this.read(run);
      } catch (problem) {
        if (problem.kind === "gone" && this.current === run) {
          this.open = false;
          return this.heard.gone();
        }
        wait = (problem.wait ?? 0) * 1000;
      }
      if (!this.open || this.current !== run) return;
      this.heard.live(false);
      await this.pause(Math.max(wait, pauseBefore(this.tries++)));
    }
  }

  async read(run) {
    this.abort = new AbortController();
    const last = this.heard.last();
    const headers = { Accept: "text/event-stream", ...(last ? { "Last-Event-ID": String(last) } : {}) };
    const answer = await this.api.fetch("GET", `events${last ? `?after=${last}` : ""}`, { headers, signal: this.abort.signal });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventParser();
    this.alive();
    this.heard.live(true);
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done || this.current !== run) return;
        this.alive();
        this.tries = 0; // not before: a server that takes every call and drops it at once must be spared too
        for (const { event, data } of parser.push(value)) this.heard.event(event, JSON.parse(data));
      }
    } finally {
      clearTimeout(this.watch);
    }
  }

  /** Something came: the connection stands. A connection that died without a word is found out by its silence. */
  alive() {
    this.heardAt = Date.now();
    clearTimeout(this.watch);
    this.watch = setTimeout(() => this.abort.abort(), SILENCE);
  }

  /** Timers sleep with the machine, so look at the time when the page is seen again. */
  check() {
    if (!this.open) return;
    if (Date.now() - this.heardAt > SILENCE) this.abort?.abort();
    this.hurry();
  }

  pause(milliseconds) {
    return new Promise((resolve) => {
      this.hurry = () => resolve();
      setTimeout(resolve, milliseconds);
    });
  }

  /** End the pause before the next try, if there is one. */
  hurry() {}
}

/** How long to wait before the next try, in ms: longer after each failure, and different for each browser, so that they do not all come at once. */
export function pauseBefore(tries) {
  return Math.min(LONGEST_PAUSE, 1000 * 2 ** tries) * (0.5 + Math.random() / 2);
}
