// Full screen, by the button in the settings and by the key F. Not in a frame, where the page around it has a button of its own, and
// not in a browser that has none, such as that of an iPhone.

const button = document.getElementById("fullscreen");

async function toggle() {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await document.documentElement.requestFullscreen({ navigationUI: "hide" });
  } catch (error) {
    console.warn("no full screen:", error);
  }
}

function onKey(event) {
  const { target, code, repeat, isComposing } = event;
  const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
  const isTyped = target instanceof Element && (target.matches("input, textarea, select") || target.isContentEditable);
  if (code === "KeyF" && !repeat && !isComposing && !hasModifier && !isTyped) void toggle();
}

if (window === window.top && document.fullscreenEnabled) {
  button.addEventListener("click", toggle);
  addEventListener("keydown", onKey);
  document.addEventListener("fullscreenchange", () => {
    button.setAttribute("aria-pressed", String(document.fullscreenElement !== null));
  });
  button.hidden = false;
}
