// Added to the page by `cargo xtask dev` only: loads it again when the site has changed, and goes on playing.
const WAS_PLAYING = "emberdrift.dev.playing";
const LOOK_MS = 250;

// The names of all files of the site change with each of them.
const own = new URL(import.meta.url).pathname.split("/").pop();

async function look() {
  try {
    const response = await fetch("./");
    if (response.ok && !(await response.text()).includes(own)) {
      const isPlaying = document.getElementById("start").hidden;
      sessionStorage.setItem(WAS_PLAYING, isPlaying ? "1" : "");
      location.reload();
      return;
    }
  } catch {
    // The server starts again.
  }
  setTimeout(look, LOOK_MS);
}

// The start card comes when the client is ready.
function play() {
  if (document.getElementById("start").hidden) {
    setTimeout(play, 20);
  } else {
    document.getElementById("join").requestSubmit();
  }
}

if (sessionStorage.getItem(WAS_PLAYING)) {
  sessionStorage.removeItem(WAS_PLAYING);
  play();
}
look();
