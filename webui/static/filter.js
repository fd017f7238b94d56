// Shows what passes a filter while it is being set (data-instant): the page for
// the form's address is fetched, and all but the form taken over from it. The
// address in the browser follows, so that it can be shared.

const form = document.querySelector("form[data-instant]");
const bar = form.closest(".filterbar");
let timer, running;

// How many there are is said to who does not see it.
const said = document.createElement("p");
said.className = "sr";
said.setAttribute("role", "status");
bar.before(said);

// The address that the form stands for, without empty fields.
function address() {
  const at = new URL(form.action, location.href);
  at.search = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  return at;
}

// Marks the fields that the answer marks, and takes old marks away.
function mark(answered) {
  for (const field of form.querySelectorAll("label > [name]")) {
    const other = answered.querySelector(`label > [name="${field.name}"]`);
    const wrong = other?.parentElement.querySelector(".wrong");
    field.parentElement.querySelector(".wrong")?.remove();
    field.parentElement.classList.toggle("differs", Boolean(wrong));
    for (const name of ["aria-invalid", "aria-describedby"]) {
      if (wrong) field.setAttribute(name, other.getAttribute(name));
      else field.removeAttribute(name);
    }
    if (wrong) field.parentElement.append(wrong);
  }
}

// Takes over what stands around the form: the heading, the chips, the list.
function takeOver(page) {
  const fresh = page.querySelector("form[data-instant]");
  if (!fresh) return location.assign(address());
  const other = fresh.closest(".filterbar");
  mark(fresh);
  const summary = other.querySelector("summary");
  form.parentElement.querySelector("summary").replaceChildren(...summary.childNodes);
  bar.querySelectorAll(".quick").forEach((e) => e.remove());
  bar.append(...other.querySelectorAll(".quick"));
  document.querySelector("main .head").replaceWith(page.querySelector("main .head"));
  while (bar.nextSibling) bar.nextSibling.remove();
  while (other.nextSibling) bar.parentElement.append(other.nextSibling);
  said.textContent = document.querySelector("main .head h1").textContent;
}

async function show() {
  running?.abort();
  running = new AbortController();
  const to = address();
  try {
    const answer = await fetch(to, { headers: { Accept: "text/html" }, signal: running.signal });
    if (!answer.ok || answer.redirected) return;
    takeOver(new DOMParser().parseFromString(await answer.text(), "text/html"));
    history.replaceState(null, "", to);
  } catch {
    // a newer question, or the service is away for a moment: the button asks again
  }
}

for (const kind of ["input", "change"]) {
  form.addEventListener(kind, () => {
    clearTimeout(timer);
    timer = setTimeout(show, 150);
  });
}
