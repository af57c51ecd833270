/** Lines of chat, each once: the history that a full view brings may repeat lines that are known. */

/** @import { ChatLine } from "../../types/engine/messages.js" */

export class ChatInbox {
  /** Of the last line: numbers begin again when the server starts again, its clock does not. */
  #number = 0;
  #timeMs = 0;

  /**
   * The lines among these that are new.
   *
   * @param {ChatLine[]} lines in their order
   */
  take(lines) {
    return lines.filter(({ number, time_ms }) => {
      const isNew = number > this.#number || time_ms > this.#timeMs;
      if (isNew) [this.#number, this.#timeMs] = [number, time_ms];
      return isNew;
    });
  }
}
