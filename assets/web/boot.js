// Loads the game. What goes wrong before it runs is told on the page, in the language that the game would take; from
// then on it tells so itself.
import init from "./client.js";

// What went wrong so far, at most a hundred lines of it: for tests and for the curious.
const errors = (window.emberdriftErrors = []);
const note = (what) => errors.length < 100 && errors.push(String(what));
const place = (event) => event.message || `cannot load ${event.target.src || event.target.href}`;
addEventListener("error", (event) => note(place(event)), true);
addEventListener("unhandledrejection", (event) => note(event.reason));
const tell = console.error;
console.error = (...what) => {
  note(what.join(" "));
  tell.apply(console, what);
};

const WORDS = {
  en: {
    title: "Emberdrift cannot run here",
    old: "This browser has no WebAssembly. Please use a current Firefox, Chrome, Edge or Safari.",
    lost: "The game could not be loaded. Please reload the page.",
  },
  zh: {
    title: "Emberdrift 无法在这里运行",
    old: "此浏览器不支持 WebAssembly。请改用新版的 Firefox、Chrome、Edge 或 Safari。",
    lost: "游戏加载失败，请刷新页面。",
  },
};

function language() {
  const asked = /[#&]lang=(\w+)/.exec(location.hash)?.[1];
  let chosen;
  try {
    chosen = /\blanguage=(\w+)/.exec(localStorage.getItem("emberdrift.settings"))?.[1];
  } catch {
    // Nothing is remembered here.
  }
  return [asked, chosen, ...navigator.languages].map((tag) => tag?.slice(0, 2)).find((tag) => tag in WORDS) ?? "en";
}

function trouble(error) {
  console.error(error);
  const chosen = language();
  const words = WORDS[chosen];
  document.documentElement.lang = chosen;
  const write = (id, text) => (document.getElementById(id).textContent = text);
  write("trouble-title", words.title);
  write("trouble-text", typeof WebAssembly === "object" ? words.lost : words.old);
  write("trouble-details", error instanceof Error ? error.message : String(error));
  document.getElementById("trouble").hidden = false;
}

try {
  await init({ module_or_path: new URL("./client_bg.wasm", import.meta.url) });
} catch (error) {
  trouble(error);
}
