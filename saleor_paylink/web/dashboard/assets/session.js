// Who the frame speaks for. The Dashboard's token comes by message and is exchanged for one that
// this frame renews itself: a popup is never given a second one. Tokens stay in memory; they are
// never stored and never part of a URL.

const EARLIER = 60_000; // ms before its end that a token is renewed
const AGAIN = 5; // seconds until another try, where the shop cannot be reached or does not say

export class Session {
  #url;
  #token = "";
  #endsAt = 0;
  #timer = 0;
  #waiting = [];
  #onLost;

  // `onLost`: there is no valid token any more; the page has to be reloaded.
  constructor(url, onLost) {
    this.#url = url;
    this.#onLost = onLost;
  }

  // The Dashboard's token, told when the frame was made ready and whenever it has a newer one.
  async take(offered) {
    if (this.isOpen) return;
    if (!offered) this.lose();
    else await this.#exchange(offered);
  }

  get isOpen() {
    return this.#token !== "" && performance.now() < this.#endsAt;
  }

  // The token, once there is one.
  bearer() {
    if (this.isOpen) return Promise.resolve(this.#token);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  // The shop does not take the token any more.
  lose() {
    clearTimeout(this.#timer);
    this.#token = "";
    this.#onLost();
  }

  async #exchange(token) {
    clearTimeout(this.#timer);
    let response;
    try {
      response = await fetch(this.#url, {
        method: "POST",
        credentials: "omit",
        headers: { Authorization: `Bearer ${token}` },
      });
    } catch {
      response = null;
    }
    if (response?.ok) this.#open(await response.json());
    else if (response?.status === 401) this.lose();
    else this.#later(token, response?.headers.get("Retry-After") ?? AGAIN);
  }

  #later(token, seconds) {
    this.#timer = setTimeout(() => this.#exchange(token), Number(seconds) * 1000);
  }

  #open({ token, expiresIn }) {
    const life = expiresIn * 1000;
    this.#token = token;
    this.#endsAt = performance.now() + life;
    this.#timer = setTimeout(() => this.#exchange(token), Math.max(life - EARLIER, life / 2));
    for (const resolve of this.#waiting.splice(0)) resolve(token);
  }
}
