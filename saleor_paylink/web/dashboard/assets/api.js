// Runs the contract's ready-made documents with the rights of whoever looks at the frame.

// What kept it from being done. `key` names the text that says so, unless the shop did.
export class Trouble extends Error {
  constructor(key, message = "") {
    super(message || key);
    this.key = key;
    this.message = message;
  }
}

const NO_SESSION = new Set([
  "ExpiredSignatureError",
  "InvalidTokenError",
  "InvalidSignatureError",
  "DecodeError",
]);

export class Api {
  #url;
  #documents;
  #session;

  constructor(boot, session) {
    this.#url = boot.graphql;
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

  // What the document's one mutation answers. Throws Trouble, with the shop's own words where it
  // was refused. It does not wait for a session, as looking does: done later, it would be done
  // behind the back of who has given up.
  async change(name, variables) {
    if (!this.#session.isOpen) throw new Trouble("expired");
    const [answer] = Object.values(await this.ask(name, variables));
    if (answer.errors.length) {
      throw new Trouble("failed", answer.errors.map((error) => error.message).join(" "));
    }
    return answer;
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
      return await response.json();
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
