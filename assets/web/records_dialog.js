// The dialog about records: leaderboards, achievements with the badge to wear, and the player's words for another device.

import { Identity } from "./identity.js";
import { achievementText, fill, rankText, texts } from "./records_texts.js";

const PERIODS = ["today", "week", "season", "all"];
const ROWS = 10;

/** Makes an element with these properties and children. */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/**
 * The dialog of one page.
 *
 * `player` is what the page knows of its visitor: `identity`, `become(identity)`, `badge`, `wear(id)`, `arena()` the slug, `page(period,
 * rows)` and `own()`, which reject while the server cannot reach its records.
 */
export class RecordsDialog {
  #player;
  #achievements;
  #dialog;
  #parts = {};
  #period = "today";

  constructor(player, achievements) {
    this.#player = player;
    this.#achievements = achievements;
    this.#dialog = make("dialog", { id: "records", className: "card dialog" });
    this.#dialog.setAttribute("aria-labelledby", "records-heading");
    // The keys and pointers of a dialog are not the game's.
    for (const name of ["keydown", "pointerdown", "pointermove", "touchstart", "touchmove"]) {
      this.#dialog.addEventListener(name, (event) => event.stopPropagation());
    }
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.#dialog.close());
    document.body.append(this.#dialog);
  }

  /** Opens it, in the language that the page has now. */
  open() {
    this.#dialog.replaceChildren(this.#form());
    this.#dialog.showModal();
    void this.#show();
  }

  #form() {
    const text = texts();
    const parts = (this.#parts = {
      rows: make("ol", { id: "records-rows" }),
      own: make("p", { id: "records-own" }),
      list: make("ul", { id: "achievements" }),
      note: make("p", { id: "records-note" }),
    });
    parts.note.setAttribute("role", "status");
    const done = make("button", { className: "done", textContent: text.done });
    const form = make("form", { method: "dialog" }, make("h2", { id: "records-heading", textContent: text.records }));
    form.append(this.#periods(), parts.rows, parts.own);
    form.append(make("section", {}, make("h3", { textContent: text.achievements }), make("p", { className: "about", textContent: text.wear }), parts.list));
    form.append(this.#words(), parts.note, make("div", { className: "dialog-end" }, this.#eraser(), done));
    return form;
  }

  #periods() {
    const choices = PERIODS.map((period) => {
      const input = make("input", { type: "radio", name: "period", value: period, checked: period === this.#period });
      return make("label", {}, input, make("span", { textContent: texts()[period] }));
    });
    const field = make("fieldset", {}, make("div", { className: "choice" }, ...choices));
    field.addEventListener("input", (event) => {
      this.#period = event.target.value;
      void this.#show();
    });
    return field;
  }

  #words() {
    const text = texts();
    const shown = make("output", { id: "own-words", hidden: true });
    const show = make("button", { type: "button", textContent: text.showWords });
    show.addEventListener("click", () => {
      shown.textContent = this.#player.identity.words;
      shown.hidden = false;
      show.hidden = true;
    });
    const typed = make("input", { id: "other-words", type: "text", autocomplete: "off", spellcheck: false, placeholder: text.enterWords });
    typed.setAttribute("aria-label", text.enterWords);
    const use = make("button", { type: "button", textContent: text.useWords });
    use.addEventListener("click", () => {
      const identity = Identity.from(typed.value);
      this.#note(identity ? text.used : text.wrongWords);
      if (!identity) return;
      this.#player.become(identity);
      void this.#player.keepProof();
      void this.#show();
    });
    const about = make("p", { className: "about", textContent: text.keepAbout });
    const line = make("div", { className: "line" }, typed, use);
    return make("details", {}, make("summary", { textContent: text.keep }), about, show, shown, line);
  }

  #eraser() {
    const text = texts();
    const erase = make("button", { id: "records-erase", type: "button", textContent: text.erase });
    erase.addEventListener("click", async () => {
      if (erase.textContent !== text.eraseSure) {
        erase.textContent = text.eraseSure;
        return;
      }
      const erased = await this.#player.erase().catch(() => false);
      erase.textContent = text.erase;
      this.#note(erased ? text.erased : text.delayed);
      if (erased) void this.#show();
    });
    return erase;
  }

  #note(text) {
    this.#parts.note.textContent = text;
  }

  async #show() {
    const period = this.#period;
    try {
      const [page, own] = await Promise.all([this.#player.page(period, ROWS), this.#player.own()]);
      // Another one may have been chosen meanwhile.
      if (period === this.#period) this.#showBoard(page, own.standings.find((standing) => standing.period === period));
      this.#showAchievements(new Set(own.achievements.map(({ id }) => id)));
    } catch {
      this.#note(texts().delayed);
    }
  }

  #showBoard({ entries }, standing) {
    const text = texts();
    const row = ({ rank, name, score }) =>
      make("li", {}, make("i", { textContent: rank }), make("b", { textContent: name }), make("span", { textContent: score }));
    this.#parts.rows.replaceChildren(...entries.map(row));
    if (entries.length === 0) this.#parts.rows.append(make("li", { className: "none", textContent: text.noRuns }));
    const { score, next } = standing ?? {};
    const line = next ? text.ownNext : text.own;
    const own = standing && fill(line, rankText(standing), text.embers(score), next?.distance);
    this.#parts.own.textContent = own ?? text.noOwn;
  }

  #showAchievements(unlocked) {
    const items = this.#achievements.map((achievement) => {
      const { id, sign } = achievement;
      const [name, text] = achievementText(achievement);
      const button = make("button", { type: "button", disabled: !unlocked.has(id) }, make("i", { textContent: sign }), make("b", { textContent: name }), make("span", { textContent: text }));
      button.setAttribute("aria-pressed", String(this.#player.badge === id));
      button.addEventListener("click", () => {
        this.#player.wear(this.#player.badge === id ? "" : id);
        this.#showAchievements(unlocked);
      });
      return make("li", {}, button);
    });
    this.#parts.list.replaceChildren(...items);
  }
}
