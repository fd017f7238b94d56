// Looks a station up while its call is typed into the form of a new QSO: the
// same page is asked for with what the form holds, and its card taken over.

const form = document.querySelector("[data-lookup]");
const card = document.getElementById("lookup");
let timer, running;

async function look() {
  running?.abort();
  running = new AbortController();
  const query = new URLSearchParams(new FormData(form));
  try {
    const answer = await fetch(form.dataset.lookup.split("?")[0] + "?" + query, { headers: { Accept: "text/html" }, signal: running.signal });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    card.replaceChildren(...page.getElementById("lookup").childNodes);
  } catch {
    // a newer question, or the service is away for a moment
  }
}

for (const kind of ["input", "change"]) {
  form.addEventListener(kind, (e) => {
    if (!["call", "band", "mode", "submode", "gridsquare", "darc_dok"].includes(e.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(look, 150);
  });
}
