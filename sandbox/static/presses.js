// Inline buttons that were pressed and still wait for the bot's answer.

const PATIENCE_MS = 12_000;

export class Presses {
  #waiting = new Map();

  /** The button starts to wait; false when one of this message does already. */
  begin(message, button) {
    if (this.#waiting.has(message)) return false;
    button.classList.add("waiting");
    button.setAttribute("aria-busy", "true");
    this.#waiting.set(message, { button, patience: setTimeout(() => this.end(message), PATIENCE_MS) });
    return true;
  }

  end(message) {
    const press = this.#waiting.get(message);
    if (!press) return;
    clearTimeout(press.patience);
    press.button.classList.remove("waiting");
    press.button.removeAttribute("aria-busy");
    this.#waiting.delete(message);
  }

  endAll() {
    for (const message of [...this.#waiting.keys()]) this.end(message);
  }
}
