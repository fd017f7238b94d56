// Times of syncs are UTC. Behind them comes the time on the reader's clock, with
// its day of the week where that is another one. Pages with such times wait for
// this before their first frame: it would move what is seen.

const language = document.documentElement.lang;

export function addLocalTimes(root) {
  for (const time of root.querySelectorAll("time[data-local=no]")) {
    time.dataset.local = "yes";
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime()) || at.getTimezoneOffset() === 0) continue;
    const form = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" };
    if (at.getDay() !== at.getUTCDay()) form.weekday = "short";
    const small = document.createElement("small");
    small.textContent = " " + new Intl.DateTimeFormat(language, form).format(at);
    time.append(small);
  }
}

addLocalTimes(document);
