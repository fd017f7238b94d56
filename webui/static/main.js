// What makes pages nicer where scripts run. Every page works without.

// "/" goes to the call box, as in many programs of the shack.
document.addEventListener("keydown", (e) => {
  if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea")) return;
  const box = document.getElementById("callbox");
  if (!box) return;
  e.preventDefault();
  box.focus();
});

// Empty fields of a filter stay out of the address, so that it can be shared.
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

// One menu at a time; Escape and a click elsewhere close it.
const menus = document.querySelectorAll("details.menu");
const close = (except) => menus.forEach((m) => { if (m !== except) m.open = false; });
document.addEventListener("click", (e) => close(e.target.closest("details.menu")));
document.addEventListener("keydown", (e) => { if (e.key === "Escape") close(); });

// The present divider is in sight on a phone.
if (matchMedia("(max-width: 60rem)").matches) document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

if (document.querySelector("[data-upload]")) import("./upload.js");
if (document.querySelector("[data-live]")) import("./live.js");
if (document.querySelector("time[data-local]")) import("./local.js").then(({ addLocalTimes }) => addLocalTimes(document));
if (document.querySelector("[data-cards]")) import("./cards.js");
if (document.querySelector("[data-lookup]")) import("./entry.js");
if (document.querySelector("[data-instant]")) import("./filter.js");
if (document.querySelector("[data-map] svg")) import("./map.js");

// When the page stands and nothing else is to do: what is far down is laid out,
// a part at a time, and the worker is called that keeps the dashboard seen last
// for the time the service is away.
const quiet = (todo) => (window.requestIdleCallback ?? ((f) => setTimeout(f, 200)))(todo);

function finish() {
  const part = document.querySelector(".later");
  part?.classList.remove("later");
  if (part) quiet(finish);
  else if (window.isSecureContext && document.querySelector("#callbox")) navigator.serviceWorker?.register(new URL("../../sw.js", import.meta.url)).catch(() => {});
}
const soon = () => setTimeout(() => quiet(finish), 300);
if (document.readyState === "complete") soon();
else addEventListener("load", soon);
