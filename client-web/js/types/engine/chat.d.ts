/** Lines of chat, each once: the history that a full view brings may repeat lines that are known. */
/** @import { ChatLine } from "../../types/engine/messages.js" */
export class ChatInbox {
    /**
     * The lines among these that are new.
     *
     * @param {ChatLine[]} lines in their order
     */
    take(lines: ChatLine[]): ChatLine[];
    #private;
}
import type { ChatLine } from "../../types/engine/messages.js";
