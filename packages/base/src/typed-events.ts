interface ListenerOptions {
  once?: boolean;
  signal?: AbortSignal;
}

/**
 * A W3C `EventTarget` whose events are known by name: `Events` maps each name to what its event carries. An error
 * thrown by a listener is reported as an uncaught one, as W3C says, and does not reach the one who dispatches.
 */
export class TypedEventTarget<Events extends { [Name in keyof Events]: object }> {
  readonly #target = new EventTarget();

  addEventListener<Name extends keyof Events & string>(
    type: Name,
    listener: (event: Event & Events[Name]) => void,
    options?: ListenerOptions,
  ): void {
    // The event was made by `emit` below, with what `Events` promises for its name.
    this.#target.addEventListener(type, listener as (event: Event) => void, options);
  }

  removeEventListener<Name extends keyof Events & string>(
    type: Name,
    listener: (event: Event & Events[Name]) => void,
  ): void {
    this.#target.removeEventListener(type, listener as (event: Event) => void);
  }

  /** Tells all listeners, before it returns. */
  protected emit<Name extends keyof Events & string>(type: Name, payload: Events[Name]): void {
    this.#target.dispatchEvent(Object.assign(new Event(type), payload));
  }
}
