/** Listeners, by the names of their events. */

/**
 * `Events` has the type of what each listener gets.
 *
 * @template {Record<string, any>} Events
 */
export class Listeners {
  /** @type {{ [Name in keyof Events]?: Set<(detail: Events[Name]) => void> }} */
  #sets = {};

  /**
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {(detail: Events[Name]) => void} listener
   * @returns {() => void} removes it
   */
  add(name, listener) {
    const set = (this.#sets[name] ??= new Set());
    set.add(listener);
    return () => void set.delete(listener);
  }

  /**
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {Events[Name]} detail
   */
  call(name, detail) {
    for (const listener of this.#sets[name] ?? []) listener(detail);
  }
}
