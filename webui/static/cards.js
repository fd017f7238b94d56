// Keys for a pile of cards: B and D mark the card as received by bureau or
// directly, R queues a reply, U takes the last step back, N goes on to the next
// call; the arrows choose another QSO, Escape leaves the field of the call.

const form = document.querySelector("[data-cards]");
const call = form.elements.call;
const rows = [...document.querySelectorAll(".qslrow")];
let at = 0;

function choose(n) {
  at = Math.max(0, Math.min(rows.length - 1, n));
  rows.forEach((row, i) => row.classList.toggle("at", i === at));
  rows[at]?.querySelector("button")?.focus();
}

function goOn() {
  call.focus();
  call.select();
}

// After a step the next card is typed; after a search the first QSO is at hand.
// Whoever was faster than this script types on.
if (call.value !== call.defaultValue) call.focus();
else if (rows.length && !new URLSearchParams(location.search).has("done")) choose(0);
else goOn();

document.addEventListener("keydown", (e) => {
  if (e.key === "Escape" && document.activeElement === call) call.blur(); // keys are keys again
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea")) return;
  const key = e.key.toLowerCase();
  const button = (rows[at] ?? document).querySelector(`[data-key="${CSS.escape(key)}"]`) ?? (key === "u" ? document.querySelector('[data-key="u"]') : null);
  if (button) button.click();
  else if (key === "n") goOn();
  else if (key === "arrowdown") choose(at + 1);
  else if (key === "arrowup") choose(at - 1);
  else return;
  e.preventDefault();
});
