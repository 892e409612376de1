/** Nobody has been here for a while: then something is done once. */

/** After this long the wallet locks itself. */
const idleMs = 900_000;

export class Idle {
  readonly #onIdle: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onIdle: () => void) {
    this.#onIdle = onIdle;
  }

  /** Somebody is here. */
  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onIdle, idleMs);
  }
}
