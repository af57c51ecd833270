// Loads the game. What goes wrong before it runs is told on the page; from then on it tells so itself.
import init from "./client.js";

function trouble(error) {
  const box = document.getElementById("trouble");
  const text = document.getElementById("trouble-text");
  console.error(error);
  text.textContent =
    typeof WebAssembly === "object"
      ? `The game could not be loaded (${error instanceof Error ? error.message : error}). Please reload the page.`
      : "This browser has no WebAssembly. Please use a current Firefox, Chrome, Edge or Safari.";
  box.hidden = false;
}

try {
  await init({ module_or_path: new URL("./client_bg.wasm", import.meta.url) });
} catch (error) {
  trouble(error);
}
