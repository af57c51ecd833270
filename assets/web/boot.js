// Loads the game. Until the game runs, errors are shown on the page from here, in the language that the game would take;
// from then on the game shows its own.
import init from "./client.js";

// The first errors of the page, for tests and for the curious.
const ERRORS_MAX = 100;
const errors = (window.emberdriftErrors = []);
const record = (error) => errors.length < ERRORS_MAX && errors.push(String(error));
const describe = (event) => event.message || `cannot load ${event.target.src || event.target.href}`;
addEventListener("error", (event) => record(describe(event)), true);
addEventListener("unhandledrejection", (event) => record(event.reason));
const logError = console.error;
console.error = (...parts) => {
  record(parts.join(" "));
  logError.apply(console, parts);
};

const TEXTS = {
  en: {
    title: "Emberdrift cannot run here",
    unsupported: "This browser has no WebAssembly. Please use a current Firefox, Chrome, Edge or Safari.",
    notLoaded: "The game could not be loaded. Please reload the page.",
  },
  zh: {
    title: "Emberdrift 无法在这里运行",
    unsupported: "此浏览器不支持 WebAssembly。请改用新版的 Firefox、Chrome、Edge 或 Safari。",
    notLoaded: "游戏加载失败，请刷新页面。",
  },
};

function language() {
  const inAddress = /[#&]lang=(\w+)/.exec(location.hash)?.[1];
  let chosen;
  try {
    chosen = /\blanguage=(\w+)/.exec(localStorage.getItem("emberdrift.settings"))?.[1];
  } catch {
    // The browser stores nothing for this page.
  }
  const tags = [inAddress, chosen, ...navigator.languages].map((tag) => tag?.slice(0, 2));
  return tags.find((tag) => tag in TEXTS) ?? "en";
}

function showError(error) {
  console.error(error);
  const tag = language();
  const texts = TEXTS[tag];
  document.documentElement.lang = tag;
  const write = (id, text) => (document.getElementById(id).textContent = text);
  write("error-title", texts.title);
  write("error-text", typeof WebAssembly === "object" ? texts.notLoaded : texts.unsupported);
  write("error-details", error instanceof Error ? error.message : String(error));
  document.getElementById("error").hidden = false;
}

try {
  // Beside it, so that who the player is is known when it can press Play. The game runs without.
  import("./records.js").catch(logError);
  await init({ module_or_path: new URL("./client_bg.wasm", import.meta.url) });
  import("./fullscreen.js").catch(logError);
  if (window !== window.top) import("./portal.js").catch(logError);
  // Loaded by those who share.
  const share = () => import("./share.js").then(({ shareLife }) => shareLife()).catch(logError);
  document.getElementById("share-life").addEventListener("click", share);
} catch (error) {
  showError(error);
}
