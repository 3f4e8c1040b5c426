/** Calls to Hearback: where it is, who calls, and what went wrong. docs/web_chat.md lists them. */

/** A call that did not work. `sentence` is the server's explanation for the citizen, or "" when it gave none. */
export class Problem extends Error {
  /**
   * @param {"network"|"busy"|"gone"|"refused"} kind busy: try again later; gone: the token opens no chat; refused: will never be taken
   * @param {{sentence?: string, status?: number, wait?: number}} more wait in seconds
   */
  constructor(kind, { sentence = "", status = 0, wait = 0 } = {}) {
    super(`${kind} ${status}`);
    Object.assign(this, { kind, sentence, status, wait });
  }

  /** What to tell the citizen. */
  words(words) {
    if (this.sentence) return this.sentence;
    if (this.wait) return words.say("wait", { seconds: this.wait });
    return words.say(this.kind === "network" ? "unreachable" : "failed");
  }
}

export class Api {
  /**
   * @param {string} base address of Hearback, without a slash at its end
   * @param {import("./store.js").Store} store
   */
  constructor(base, store) {
    this.base = base;
    this.store = store;
    this.own = new URL(base).origin === location.origin;
  }

  address(path) {
    return `${this.base}/api/chat/${path}`;
  }

  /** The headers that say who calls; on our own pages the cookie does. */
  get credentials() {
    return !this.own && this.store.token ? { Authorization: `Bearer ${this.store.token}` } : {};
  }

  /**
   * Call, and give the raw answer; throws Problem unless it is a good one.
   * @param {{json?: object, headers?: object, signal?: AbortSignal}} how
   */
  async fetch(method, path, { json, headers, ...how } = {}) {
    const sent = { ...this.credentials, ...headers, ...(json ? { "Content-Type": "application/json" } : {}) };
    let answer;
    try {
      answer = await fetch(this.address(path), {
        method,
        headers: sent,
        body: json && JSON.stringify(json),
        credentials: this.own ? "same-origin" : "omit",
        cache: "no-store",
        referrerPolicy: "no-referrer",
        ...how,
      });
    } catch (error) {
      if (how.signal?.aborted) throw error;
      throw new Problem("network");
    }
    this.renew(answer.headers.get("Hearback-Token"));
    if (!answer.ok) throw problem(answer.status, answer.headers.get("Retry-After"), await answer.text().catch(() => ""));
    return answer;
  }

  /** Call, and give the JSON of the answer, or null where it has none. */
  async call(method, path, how) {
    const answer = await this.fetch(method, path, how);
    if (answer.status === 204) return null;
    try {
      return await answer.json();
    } catch {
      throw new Problem("network"); // the connection broke in the middle, or a hotel's sign-in page answered
    }
  }

  /** Send a picture; `progress` hears the share that has been sent. fetch cannot tell that, so this is the older way. */
  upload(file, progress) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", this.address("photos"));
      for (const [name, value] of Object.entries(this.credentials)) request.setRequestHeader(name, value);
      request.setRequestHeader("Content-Type", file.type);
      request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
      request.addEventListener("error", () => reject(new Problem("network")));
      request.addEventListener("load", () => {
        this.renew(header(request, "Hearback-Token"));
        if (request.status !== 201) return reject(problem(request.status, header(request, "Retry-After"), request.responseText));
        resolve(JSON.parse(request.responseText));
      });
      request.send(file);
    });
  }

  renew(token) {
    if (token && !this.own) this.store.token = token;
  }
}

// Asking for a header that a page of another origin may not see writes an error to its console.
function header(request, name) {
  const line = new RegExp(`^${name}: *(.*?)\\s*$`, "im").exec(request.getAllResponseHeaders());
  return line?.[1] ?? null;
}

function problem(status, retryAfter, body) {
  const wait = Math.max(0, Math.ceil(Number(retryAfter))) || 0;
  const kind = status === 401 ? "gone" : status === 429 || status >= 500 ? "busy" : "refused";
  return new Problem(kind, { status, wait, sentence: sentence(body) });
}

function sentence(body) {
  try {
    return String(JSON.parse(body).error ?? "");
  } catch {
    return "";
  }
}
