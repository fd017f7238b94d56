// Says below a map what is under the pointer. On a touch screen the first tap
// says it, the second one on the same place follows the link. The squares of a
// whole Earth are one picture: which one it is follows from where the pointer is.

const map = document.querySelector("[data-map]");
const picture = map.querySelector("svg");
const about = map.querySelector(".about");
let shown = "";

// The locator of a place on the map: a unit of the picture is a degree, as wide
// as data-squeeze says.
function square(event) {
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
  const lon = (at.x / Number(picture.dataset.squeeze)) % 360;
  const lat = 180 - at.y;
  const letter = (n) => String.fromCharCode(65 + Math.floor(n));
  return letter(lon / 20) + letter(lat / 10) + Math.floor((lon % 20) / 2) + Math.floor(lat % 10);
}

// What is under the pointer: its text, and where it leads.
function under(event) {
  const one = event.target.closest?.("svg a, svg .arc, svg .home, svg .area");
  if (!one) return null;
  if (one.matches("path.area") && !one.querySelector("title")) {
    const name = square(event);
    const link = new URL(map.dataset.map, location.href);
    link.searchParams.set("square", name);
    return { text: name, link: link.href };
  }
  return { text: one.querySelector("title")?.textContent ?? "", link: one.getAttribute("href") };
}

function say(what) {
  shown = what?.text ?? "";
  about.hidden = !shown;
  about.replaceChildren(shown);
  if (what?.link) {
    const link = document.createElement("a");
    link.href = what.link;
    link.textContent = shown;
    about.replaceChildren(link);
  }
}

picture.addEventListener("pointermove", (e) => { if (e.pointerType === "mouse") say(under(e)); });
picture.addEventListener("click", (e) => {
  const what = under(e);
  if (!what) return say(null);
  if (e.pointerType !== "mouse" && what.text !== shown) {
    e.preventDefault();
    return say(what);
  }
  if (what.link && !e.target.closest("a")) location.href = what.link;
});
