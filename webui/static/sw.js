// Keeps the dashboard that was seen last, with its styles and scripts, so that
// it can be read while the service is out of reach. Nothing else is kept;
// signing out throws it away.

const shelf = "qslbox";
const base = new URL("./", location.href).pathname;

addEventListener("install", () => skipWaiting());
addEventListener("activate", (e) => e.waitUntil(Promise.all([clients.claim(), registration.navigationPreload?.enable()])));

addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (url.origin !== location.origin) return;
  if (e.request.method === "POST" && [base + "signout", base + "account/end"].includes(url.pathname)) e.waitUntil(caches.delete(shelf));
  if (e.request.method !== "GET") return;
  if (url.pathname.startsWith(base + "static/")) e.respondWith(fixed(e.request));
  else if (e.request.mode === "navigate") e.respondWith(page(e, url));
});

// A static file has its content in its address: what is kept is right.
async function fixed(request) {
  const kept = await caches.match(request);
  return kept ?? fetch(request);
}

async function page(e, url) {
  try {
    const answer = (await e.preloadResponse) ?? (await fetch(e.request));
    if (url.pathname === base && url.search === "") {
      if (answer.ok && !answer.redirected) e.waitUntil(keep(answer.clone()));
      else if (answer.redirected || answer.type === "opaqueredirect") e.waitUntil(caches.delete(shelf)); // signed out meanwhile
    }
    return answer;
  } catch (trouble) {
    const kept = await caches.match(base);
    if (!kept) throw trouble;
    const text = (await kept.text()).replace("<body ", "<body data-offline ");
    return new Response(text, { headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": kept.headers.get("Content-Security-Policy") } });
  }
}

// Keeps the page and the files it names; those of an older version go.
async function keep(answer) {
  const files = [...(await answer.clone().text()).matchAll(/"([^"]*\/static\/[^"]+)"/g)].map((m) => m[1]);
  const box = await caches.open(shelf);
  await box.put(base, answer);
  const wanted = new Set(files.map((f) => new URL(f, location.href).href));
  for (const request of await box.keys()) {
    if (new URL(request.url).pathname.startsWith(base + "static/") && !wanted.delete(request.url)) await box.delete(request);
    wanted.delete(request.url);
  }
  await box.addAll([...wanted]);
}
