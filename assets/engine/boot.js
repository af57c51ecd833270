// Loads the game. Until it runs, errors are shown on the page from here; from then on the game shows its own.
import init from "./client.js";

// The first errors of the page, for tests and for the curious.
const ERRORS_MAX = 100;
const errors = (window.gameErrors = []);
const record = (error) => errors.length < ERRORS_MAX && errors.push(String(error));
const describe = (event) => event.message || `cannot load ${event.target.src || event.target.href}`;
addEventListener("error", (event) => record(describe(event)), true);
addEventListener("unhandledrejection", (event) => record(event.reason));
const logError = console.error;
console.error = (...parts) => {
  record(parts.join(" "));
  logError.apply(console, parts);
};

const UNSUPPORTED = "This browser has no WebAssembly. Please use a current Firefox, Chrome, Edge or Safari.";
const NOT_LOADED = "The game could not be loaded. Please reload the page.";

try {
  await init({ module_or_path: new URL("./client_bg.wasm", import.meta.url) });
} catch (error) {
  console.error(error);
  const write = (id, text) => (document.getElementById(id).textContent = text);
  write("error-text", typeof WebAssembly === "object" ? NOT_LOADED : UNSUPPORTED);
  write("error-details", error instanceof Error ? error.message : String(error));
  document.getElementById("error").hidden = false;
}
