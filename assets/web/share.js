// Draws the life that the death card shows as a picture, and hands it to the system's share sheet, or saves it where there is none.
// Loaded when the button is first pressed.

const [WIDTH, HEIGHT, EDGE] = [1200, 630, 72];
const FONT = 'system-ui, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';
const FILE = "emberdrift.png";

const element = (id) => document.getElementById(id);
const text = (id) => element(id).textContent.trim();

/** What the picture says, as the card says it in the language of the page. */
function readCard() {
  const figures = [...document.querySelectorAll("#death-life div")].map((row) => ({
    label: row.querySelector("dt").textContent,
    value: row.querySelector("dd").textContent,
    isBest: row.querySelector("dd").classList.contains("best"),
  }));
  return {
    name: element("name").value.trim(),
    hull: element("share-life").dataset.hull ?? "",
    headline: text("death-headline"),
    // "Today you are 4th", without what the next rank needs. The line may also say that records are delayed.
    board: element("death-board").hasAttribute("data-rank") ? text("death-board").split(" · ")[0] : "",
    tagline: text("tagline"),
    place: location.host + location.pathname.replace(/(index\.html)?$/, "").replace(/\/$/, ""),
    figures,
  };
}

/** Writes a line in the largest size up to `size` in which it fits. */
function write(context, line, x, y, { size, colour, weight = 400, width = WIDTH - 2 * EDGE, align = "left" }) {
  const font = (pixels) => `${weight} ${pixels}px ${FONT}`;
  context.font = font(size);
  context.font = font(Math.min(size, (size * width) / Math.max(context.measureText(line).width, 1)));
  context.fillStyle = colour;
  context.textAlign = align;
  context.fillText(line, x, y);
}

function glow(context, x, y, radius, colour) {
  const light = context.createRadialGradient(x, y, 0, x, y, radius);
  light.addColorStop(0, colour);
  light.addColorStop(1, "transparent");
  context.fillStyle = light;
  context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
}

/** The sign of the game, as in icon.svg, whose side is 64. */
function drawSign(context, x, y, scale) {
  context.save();
  context.translate(x, y);
  context.scale(scale, scale);
  glow(context, 32, 50, 14, "#ffb347");
  const hull = new Path2D("M32 9 49 45 32 36 15 45Z");
  context.fillStyle = "#0d1c38";
  context.fill(hull);
  Object.assign(context, { strokeStyle: "#8fe2ff", lineWidth: 3.4, lineJoin: "round" });
  context.stroke(hull);
  context.restore();
}

function draw(card) {
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
  const context = canvas.getContext("2d");
  context.fillStyle = "#050812";
  context.fillRect(0, 0, WIDTH, HEIGHT);
  glow(context, 1060, 120, 620, "rgb(60 90 190 / 45%)");
  glow(context, 140, 640, 560, "rgb(255 120 40 / 28%)");
  drawSign(context, 910, 34, 3.6);

  const width = 800;
  write(context, "Emberdrift", EDGE, 96, { size: 40, weight: 700, colour: "#ffc765" });
  write(context, card.name || card.headline, EDGE, 196, { size: 84, weight: 700, colour: "#e8fbff", width });
  const line = [card.hull, card.name ? card.headline : ""].filter(Boolean).join(" · ");
  write(context, line, EDGE, 254, { size: 36, colour: "#9fb4dc", width });

  const column = (WIDTH - 2 * EDGE) / Math.max(card.figures.length, 1);
  card.figures.forEach(({ label, value, isBest }, index) => {
    const x = EDGE + index * column;
    const colour = isBest ? "#ffb454" : "#e8fbff";
    write(context, isBest ? `★ ${value}` : value, x, 400, { size: 72, weight: 700, colour, width: column - 40 });
    write(context, label, x, 444, { size: 28, colour: "#9fb4dc", width: column - 24 });
  });

  if (card.board) write(context, card.board, EDGE, 512, { size: 32, weight: 600, colour: "#7fe3ff" });
  write(context, card.tagline, EDGE, 580, { size: 28, colour: "#ffc765", width: 560 });
  write(context, card.place, WIDTH - EDGE, 580, { size: 28, colour: "#9fb4dc", width: 460, align: "right" });
  return canvas;
}

function save(file) {
  const href = URL.createObjectURL(file);
  Object.assign(document.createElement("a"), { href, download: file.name }).click();
  // Some browsers read it only after the click.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** Whether the system took it; a player that closed the sheet wants no file either. */
async function hand(file) {
  const shared = { files: [file], title: "Emberdrift" };
  if (!navigator.canShare?.(shared)) return false;
  try {
    await navigator.share(shared);
  } catch (error) {
    return error.name === "AbortError";
  }
  return true;
}

/** Shares the life on the death card. */
export async function shareLife() {
  const button = element("share-life");
  button.disabled = true;
  try {
    const canvas = draw(readCard());
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!blob) throw new Error("the picture is too large for this browser");
    const file = new File([blob], FILE, { type: "image/png" });
    if (!(await hand(file))) save(file);
  } finally {
    button.disabled = false;
    // Enter and the keys are the game's again.
    const again = element("death-again");
    (again.disabled || again.offsetParent === null ? element("scene") : again).focus();
  }
}
