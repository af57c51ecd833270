/** Listeners, by the names of their events. */
/**
 * `Events` has the type of what each listener gets.
 *
 * @template {Record<string, any>} Events
 */
export class Listeners<Events extends Record<string, any>> {
    /**
     * @template {keyof Events} Name
     * @param {Name} name
     * @param {(detail: Events[Name]) => void} listener
     * @returns {() => void} removes it
     */
    add<Name extends keyof Events>(name: Name, listener: (detail: Events[Name]) => void): () => void;
    /**
     * @template {keyof Events} Name
     * @param {Name} name
     * @param {Events[Name]} detail
     */
    call<Name extends keyof Events>(name: Name, detail: Events[Name]): void;
    #private;
}
