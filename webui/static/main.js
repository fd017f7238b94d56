// What makes pages nicer where scripts run. Every page works without, so a page
// is seen first: all this comes after its first frame. One that nobody looks at
// has no frames.
const soon = () => setTimeout(enrich);
if (document.hidden) soon();
else requestAnimationFrame(soon);

async function enrich() {
  keys();
  filters();
  menus();
  // The present divider is in sight on a phone.
  if (matchMedia("(max-width: 60rem)").matches) document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  try {
    await Promise.all(parts());
    document.documentElement.dataset.scripts = "run";
  } finally { // a module that does not come takes nothing else with it
    if (document.readyState === "complete") rest();
    else addEventListener("load", rest);
  }
}

// The modules that a page has use for.
function parts() {
  const has = (selector) => document.querySelector(selector) !== null;
  return [
    has("[data-upload]") && import("./upload.js"),
    has("[data-live]") && import("./live.js"),
    has("[data-cards]") && import("./cards.js"),
    has("[data-lookup]") && import("./entry.js"),
    has("[data-instant]") && import("./filter.js"),
    has("[data-map] svg") && import("./map.js"),
  ];
}

// "/" goes to the call box, as in many programs of the shack.
function keys() {
  document.addEventListener("keydown", (e) => {
    if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea")) return;
    const box = document.getElementById("callbox");
    if (!box) return;
    e.preventDefault();
    box.focus();
  });
}

// Empty fields of a filter stay out of the address, so that it can be shared.
function filters() {
  for (const form of document.querySelectorAll(".filter form, .callbox")) {
    form.addEventListener("submit", () => {
      for (const field of form.elements) {
        if (field.name && !field.value) field.disabled = true;
      }
    });
    addEventListener("pageshow", () => {
      for (const field of form.elements) field.disabled = false;
    });
  }
}

// One menu at a time; Escape and a click elsewhere close it.
function menus() {
  const all = document.querySelectorAll("details.menu");
  const close = (except) => all.forEach((m) => { if (m !== except) m.open = false; });
  document.addEventListener("click", (e) => close(e.target.closest("details.menu")));
  document.addEventListener("keydown", (e) => { if (e.key === "Escape") close(); });
}

// When the page stands and nothing else is to do: what is far down is laid out,
// a part at a time, and the worker is called that keeps the dashboard seen last
// for the time the service is away.
const quiet = (todo) => (window.requestIdleCallback ?? ((f) => setTimeout(f, 200)))(todo);
const rest = () => setTimeout(() => quiet(finish), 300);

function finish() {
  const part = document.querySelector(".later");
  part?.classList.remove("later");
  if (part) quiet(finish);
  else if (window.isSecureContext && document.querySelector("#callbox")) navigator.serviceWorker?.register(new URL("../../sw.js", import.meta.url)).catch(() => {});
}
