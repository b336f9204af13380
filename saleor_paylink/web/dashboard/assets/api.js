// Runs the contract's ready-made documents with the rights of whoever looks at the frame.

import { h } from "./dom.js";

// What kept it from being done. `key` names the text that says so, unless the shop did.
export class Trouble extends Error {
  constructor(key, message = "") {
    super(message || key);
    this.key = key;
    this.message = message;
  }
}

// What was to be changed may have been changed, and the answer been lost.
const unanswered = (trouble) => {
  throw trouble.key === "offline" ? new Trouble("unanswered") : trouble;
};

const NO_SESSION = new Set([
  "ExpiredSignatureError",
  "InvalidTokenError",
  "InvalidSignatureError",
  "DecodeError",
]);

export class Api {
  #url;
  #root;
  #documents;
  #session;
  #ahead = 0; // ms that the shop's clock is ahead of the browser's

  constructor(boot, session) {
    this.#url = boot.graphql;
    this.#root = boot.root;
    this.#documents = boot.documents;
    this.#session = session;
    this.locale = boot.lang;
  }

  // The data. Throws Trouble.
  async ask(name, variables) {
    const token = await this.#session.bearer();
    const { data, errors } = await this.#post(token, {
      operationName: name,
      query: this.#documents[name],
      variables,
    });
    if (errors?.length) throw this.#troubleOf(errors[0]);
    return data;
  }

  // The order and its payment. Throws Trouble.
  async order(id, qrCode = false) {
    const { order } = await this.ask("OrderPayment", { id, qrCode });
    if (!order) throw new Trouble("gone");
    if (!order.paymentCollection) throw new Trouble("denied");
    return order;
  }

  // What the document's one mutation answers. Throws Trouble, with the shop's own words where it
  // was refused. It does not wait for a session, as looking does: done later, it would be done
  // behind the back of who has given up.
  async change(name, variables) {
    if (!this.#session.isOpen) throw new Trouble("expired");
    const [answer] = Object.values(await this.ask(name, variables).catch(unanswered));
    if (answer.errors.length) {
      throw new Trouble("failed", answer.errors.map((error) => error.message).join(" "));
    }
    return answer;
  }

  // What one of our own addresses answers, for what GraphQL has no field for. Throws Trouble.
  async read(path, values = {}) {
    const token = await this.#session.bearer();
    const given = Object.entries(values).filter(([, value]) => value);
    const response = await this.#get(`${this.#root}${path}?${new URLSearchParams(given)}`, token);
    if (response.status === 401) {
      this.#session.lose();
      throw new Trouble("expired");
    }
    if (!response.ok) throw new Trouble(response.status === 403 ? "denied" : "failed");
    return response.json();
  }

  async #get(url, token) {
    try {
      return await fetch(url, {
        credentials: "omit",
        headers: { Authorization: `Bearer ${token}` },
      });
    } catch {
      throw new Trouble("offline");
    }
  }

  // Have one of our own addresses send a file. Only a form lets a browser write it to disk as it
  // comes, and a form sets no header: the token goes in its body, and is in no URL. What answers is
  // a file, which is shown nowhere, or a refusal, which `refused` hears of.
  async download(path, values, refused) {
    const token = await this.#session.bearer();
    const place = h("iframe", { name: "download", hidden: true, title: "" });
    const form = h(
      "form",
      { method: "post", action: `${this.#root}${path}`, target: "download", hidden: true },
      Object.entries({ ...values, token })
        .filter(([, value]) => value)
        .map(([name, value]) => h("input", { type: "hidden", name, value })),
    );
    document.getElementsByName("download")[0]?.remove();
    document.body.append(place, form);
    place.addEventListener("load", refused);
    form.submit();
    form.remove();
  }

  // The time in the shop, whose moments are told by its own clock; in ms since 1970.
  now() {
    return Date.now() + this.#ahead;
  }

  async #post(token, body) {
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        credentials: "omit",
        headers: {
          "Content-Type": "application/json",
          // Sentences of the timeline and of refusals are the shop's.
          "Accept-Language": this.locale,
          Authorization: `Bearer ${token}`,
        },
        body: JSON.stringify(body),
      });
      const answer = await response.json();
      const date = Date.parse(response.headers.get("Date"));
      if (date) this.#ahead = date - Date.now();
      return answer;
    } catch {
      throw new Trouble("offline");
    }
  }

  #troubleOf(error) {
    const code = error.extensions?.exception?.code;
    if (NO_SESSION.has(code)) {
      this.#session.lose();
      return new Trouble("expired");
    }
    return new Trouble(code === "PermissionDenied" ? "denied" : "failed");
  }
}
