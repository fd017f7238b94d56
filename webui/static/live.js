// Keeps a part of the page (data-live: seconds) up to date while the page is
// seen: the same page is fetched again and the part replaced.

import { addLocalTimes } from "./local.js";

async function refresh(part) {
  if (document.hidden || part.contains(document.activeElement)) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(part.id);
    fresh?.querySelectorAll(".later").forEach((e) => e.classList.remove("later")); // it stands already: nothing may jump
    if (fresh) addLocalTimes(fresh);
    if (fresh) part.replaceChildren(...fresh.childNodes);
    else location.reload(); // it has become another page
  } catch {
    // the service is away for a moment: the next try may find it
  }
}

for (const part of document.querySelectorAll("[data-live]")) {
  setInterval(() => refresh(part), 1000 * Math.max(1, Number(part.dataset.live)));
}
