// Looks again and again while somebody looks at the page, and rests while nobody does.

export class Polling {
  #look;
  #pause;
  #timer = 0;
  #running = null;

  // `look` is what is done; `pause` answers how many ms to wait until it is done again.
  constructor(look, pause) {
    this.#look = look;
    this.#pause = pause;
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.now();
      else clearTimeout(this.#timer);
    });
  }

  // Look now. What a look that is under way will see may have been read before: it is followed
  // by another.
  now() {
    clearTimeout(this.#timer);
    if (this.#running) return this.#running.then(() => this.now());
    this.#running = this.#run();
    return this.#running;
  }

  async #run() {
    try {
      await this.#look();
    } finally {
      this.#running = null;
      if (document.visibilityState === "visible") {
        this.#timer = setTimeout(() => this.now(), this.#pause());
      }
    }
  }
}
