// Records beside the game, at a server that keeps them: proves who the player is, shows today's best runs on the start card and the
// own rank on the death card, and opens the dialog. What the game and this script tell each other is in client-web/src/web/shell/visitor.rs.

import { Identity } from "./identity.js";
import { RecordsDialog } from "./records_dialog.js";
import { achievementText, fill, rankText, texts } from "./records_texts.js";

const SERVER = new URL(".", location.href);
const IDENTITY = "emberdrift.identity";
const BADGE = "emberdrift.badge";
/** A proof is good for a minute from the challenge on, in the server's time. */
const PROOF_MS = 50_000;
const RENEWED_MS = 15_000;
const LOOK_MS = 5_000;
const TODAY_MS = 30_000;
const TODAY_ROWS = 3;
const UNLOCKED_MS = 6_000;
/** The longest that Play waits. */
const HELD_MS = 1_000;
/** After a death: until the server has stored the run. */
const STORED_MS = 600;

const kept = {
  get(key) {
    try {
      return localStorage.getItem(key) ?? "";
    } catch {
      // The browser stores nothing for this page: each visit is another player.
      return "";
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch {}
  },
};

const element = (id) => document.getElementById(id);
const phase = () => document.body.dataset.phase;

/** What the page knows of its visitor. */
class Player {
  identity = Identity.from(kept.get(IDENTITY)) ?? Identity.create();
  badge = kept.get(BADGE);
  #achievements;

  constructor(achievements) {
    this.#achievements = achievements;
    this.become(this.identity);
    this.wear(this.badge);
  }

  become(identity) {
    this.identity = identity;
    kept.set(IDENTITY, identity.text);
    delete window.emberdriftProof;
  }

  /** Wears the badge of the achievement with this id. */
  wear(id) {
    this.badge = id;
    kept.set(BADGE, id);
    document.body.dataset.badge = this.#achievements.findIndex((one) => one.id === id) + 1;
  }

  /** Has a proof ready for the game, while it may say hello. */
  async keepProof() {
    const isUsed = ["playing", "dead"].includes(phase()) || document.hidden;
    if (isUsed || window.emberdriftProof?.until > performance.now() + RENEWED_MS) return;
    const until = performance.now() + PROOF_MS;
    const { identity } = this;
    const text = await identity.prove(SERVER).catch(() => undefined);
    if (text !== undefined && identity === this.identity) window.emberdriftProof = { text, until };
  }

  /** The slug of the arena that is chosen; empty for the server's first. A room has no records. */
  arena() {
    const slug = document.querySelector("#arenas input:checked")?.value ?? "";
    return slug.includes("/") ? "" : slug;
  }

  async page(period, rows) {
    const url = new URL("records", SERVER);
    const query = { period, limit: rows, ...(this.arena() && { arena: this.arena() }) };
    url.search = new URLSearchParams(query);
    return json(await fetch(url));
  }

  async own() {
    return json(await this.identity.me(SERVER, { arena: this.arena() }));
  }

  async erase() {
    return (await this.identity.me(SERVER, { method: "DELETE" }))?.ok ?? false;
  }
}

function json(answer) {
  if (!answer?.ok) throw new Error("records are delayed");
  return answer.json();
}

/** Today's best runs, on the start card. */
async function showToday(player) {
  const line = element("today");
  try {
    const { entries } = await player.page("today", TODAY_ROWS);
    const best = entries.map(({ rank, name, score }) => {
      const row = document.createElement("span");
      row.append(`${rank} `, Object.assign(document.createElement("b"), { textContent: name }), ` ${score}`);
      return row;
    });
    line.replaceChildren(...(best.length > 0 ? [`${texts().today}: `, ...best] : []));
  } catch {
    line.textContent = texts().delayed;
  }
}

/** The own rank today, on the death card. */
async function showOwnRank(player) {
  const line = element("death-board");
  line.textContent = "";
  line.removeAttribute("data-rank");
  await new Promise((resolve) => setTimeout(resolve, STORED_MS));
  try {
    const today = (await player.own()).standings.find(({ period }) => period === "today");
    const { death, deathNext, moreEmbers } = texts();
    const text = today?.next ? fill(deathNext, rankText(today), moreEmbers(today.next.distance)) : death;
    line.textContent = today ? fill(text, rankText(today)) : "";
    // For the picture that is shared.
    if (today) line.setAttribute("data-rank", today.rank);
  } catch {
    line.textContent = texts().delayed;
  }
}

/** An achievement that was unlocked, for a while. */
function showUnlocked() {
  const { sign, ...achievement } = window.emberdriftUnlocked;
  const [name, text] = achievementText(achievement);
  const line = element("unlocked");
  element("unlocked-sign").textContent = sign;
  element("unlocked-name").textContent = name;
  element("unlocked-text").textContent = text;
  line.hidden = false;
  clearTimeout(showUnlocked.hiding);
  showUnlocked.hiding = setTimeout(() => (line.hidden = true), UNLOCKED_MS);
}

/** A visitor who presses Play before the first proof is ready, waits for it: without one the run has no record. */
function holdPlay(ready) {
  const form = element("join");
  let isPressed = false;
  const hold = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    isPressed = true;
  };
  // Before the game's own listener.
  form.addEventListener("submit", hold, true);
  const release = () => {
    form.removeEventListener("submit", hold, true);
    if (isPressed) form.requestSubmit();
  };
  const late = new Promise((resolve) => setTimeout(resolve, HELD_MS));
  Promise.race([ready, late]).then(release, release);
}

async function start() {
  const arenas = await fetch(new URL("arenas", SERVER), { method: "HEAD" });
  if (arenas.headers.get("records") !== "kept") return;
  const achievements = await json(await fetch(new URL("achievements", SERVER)));
  const player = new Player(achievements);
  await player.keepProof();
  const dialog = new RecordsDialog(player, achievements);
  const button = element("show-records");
  button.addEventListener("click", () => dialog.open());
  const inLanguage = () => (button.textContent = texts().records);
  inLanguage();
  button.hidden = false;
  new MutationObserver(inLanguage).observe(document.documentElement, { attributeFilter: ["lang"] });

  addEventListener("emberdriftUnlocked", showUnlocked);

  let shownMs = -Infinity;
  const look = () => {
    void player.keepProof();
    if (phase() === "start" && !document.hidden && performance.now() - shownMs >= TODAY_MS) {
      shownMs = performance.now();
      void showToday(player);
    }
  };
  let before = phase();
  new MutationObserver(() => {
    if (phase() === before) return;
    before = phase();
    shownMs = -Infinity;
    if (before === "dead") void showOwnRank(player);
    look();
  }).observe(document.body, { attributeFilter: ["data-phase"] });
  element("arenas").addEventListener("change", () => void showToday(player));
  setInterval(look, LOOK_MS);
  look();
}

const started = start();
holdPlay(started);
// Without records the page plays as well.
started.catch((error) => console.warn("no records:", error));
