// In a portal's frame: takes settings from the page around the frame, and tells it what the player does. It speaks only with pages of
// `--embed-origin`, which the server has listed in this page. For portals it is described in server/README.md, "In a portal's frame".

const TYPE = "emberdrift";
/** While it connects, the portal goes on with what it was told before. */
const STATES = ["start", "playing", "dead", "hidden", "ended"];
const NAME_CHARS_MAX = 16;
const SWITCHES = { 1: true, true: true, 0: false, false: false };

const { body } = document;
const origins = document.querySelector("meta[name='embed-origins']").content.split(" ").filter(Boolean);
// The browser drops a message to any other origin. Where it says which one is around the frame, it need not try.
const around = location.ancestorOrigins?.[0];
const targets = origins.filter((origin) => (around ?? origin) === origin);

function apply({ name, muted, chat }) {
  // Later it is the name of a player.
  if (typeof name === "string" && !document.getElementById("start").hidden) {
    document.getElementById("name").value = [...name.trim()].slice(0, NAME_CHARS_MAX).join("");
  }
  if (typeof muted === "boolean") body.toggleAttribute("data-silenced", muted);
  if (typeof chat === "boolean") body.dataset.chat = chat ? "on" : "off";
}

/** What the frame's address says, in its fragment or else its query. */
function inAddress() {
  const [fragment, query] = [location.hash, location.search].map((part) => new URLSearchParams(part.slice(1)));
  const value = (key) => fragment.get(key) ?? query.get(key) ?? undefined;
  return { name: value("name"), muted: SWITCHES[value("muted")], chat: SWITCHES[value("chat")] };
}

let announced;
function announce() {
  const state = document.hidden ? "hidden" : body.dataset.phase;
  if (state === announced || !STATES.includes(state)) return;
  announced = state;
  for (const origin of targets) window.parent.postMessage({ type: TYPE, state }, origin);
}

apply(inAddress());
addEventListener("message", ({ source, origin, data }) => {
  if (source === window.parent && origins.includes(origin) && data?.type === TYPE) apply(data);
});
// Enter would open a chat that is not shown.
const keepChatClosed = (event) => {
  const isOnPage = !(event.target instanceof Element && event.target.matches("button, input"));
  if (event.key === "Enter" && isOnPage && body.dataset.chat === "off" && body.dataset.phase === "playing") {
    event.stopImmediatePropagation();
  }
};
addEventListener("keydown", keepChatClosed, true);
new MutationObserver(announce).observe(body, { attributeFilter: ["data-phase"] });
document.addEventListener("visibilitychange", announce);
announce();
