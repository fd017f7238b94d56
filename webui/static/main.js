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
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

if (document.querySelector("[data-upload]")) import("./upload.js");
if (document.querySelector("[data-live]")) import("./live.js");
if (document.querySelector("[data-cards]")) import("./cards.js");
if (document.querySelector("[data-lookup]")) import("./entry.js");
if (document.querySelector("[data-map] svg")) import("./map.js");

// The dashboard that was seen last can be read while the service is away.
if (window.isSecureContext && document.querySelector("#callbox")) navigator.serviceWorker?.register(new URL("../../sw.js", import.meta.url)).catch(() => {});
