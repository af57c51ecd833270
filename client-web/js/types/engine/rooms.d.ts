export function roomArena(code: string): string;
export function createRoom(server: string | URL, request?: RoomRequest): Promise<{
    code: string;
    key: string;
}>;
export function room(server: string | URL, code: string): Promise<RoomEntry>;
export function changeRoom(server: string | URL, code: string, key: string, change: RoomChange): Promise<RoomEntry>;
/**
 * What a room is to be like. What is left out has the server's default.
 */
export type RoomRequest = {
    /**
     * the slug of one of the server's arenas
     */
    arena?: string | undefined;
    /**
     * the text of an arena file, instead of an arena of the server
     */
    file?: string | undefined;
    /**
     * bots fill the room up to this many bodies, 0 to 64
     */
    bots?: number | undefined;
    /**
     * seats, 1 to 64
     */
    players?: number | undefined;
    /**
     * whether everyone finds it in the list of arenas
     */
    public?: boolean | undefined;
    /**
     * whether players may chat
     */
    chat?: boolean | undefined;
};
/**
 * What a room's creator changes. What is left out stays.
 */
export type RoomChange = {
    /**
     * the number of the player to remove
     */
    remove?: number | undefined;
    /**
     * the number of the player that becomes the creator
     */
    hand_over?: number | undefined;
    /**
     * the slug of the arena in which the game goes on
     */
    arena?: string | undefined;
    /**
     * the text of an arena file, instead of an arena of the server
     */
    file?: string | undefined;
    /**
     * bots fill the room up to this many bodies, 0 to 64
     */
    bots?: number | undefined;
    /**
     * whether players may chat
     */
    chat?: boolean | undefined;
    /**
     * whether only players that reconnect get in
     */
    locked?: boolean | undefined;
    /**
     * whether everyone finds it in the list of arenas
     */
    public?: boolean | undefined;
};
/**
 * A room, to those who know its code.
 */
export type RoomEntry = {
    code: string;
    /**
     * of its arena
     */
    name: string;
    /**
     * in it, without disconnected ones
     */
    players: number;
    max_players: number;
    /**
     * seats
     */
    free: number;
    size: [number, number];
    is_public: boolean;
    /**
     * it has no players; the next one wakes it
     */
    is_asleep: boolean;
    is_locked: boolean;
    has_chat: boolean;
};
