// Sends the import form while showing how far it is, and puts the account that
// comes back into the page.

const form = document.querySelector("[data-upload]");
const status = form.querySelector("[data-status]");
const bar = form.querySelector("progress");
const words = form.querySelector("template").dataset;
const drop = form.querySelector(".drop");
const file = form.querySelector("[type=file]");

for (const kind of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(kind, (e) => {
    e.preventDefault();
    drop.classList.toggle("over", kind === "dragover");
    if (kind === "drop" && e.dataTransfer.files.length) file.files = e.dataTransfer.files;
  });
}

form.addEventListener("submit", (e) => {
  e.preventDefault();
  const request = new XMLHttpRequest();
  const data = new FormData(form); // before the fields are locked
  const lock = (on) => { for (const f of form.elements) f.disabled = on; };
  lock(true);
  bar.hidden = false;
  request.responseType = "document";
  request.upload.addEventListener("progress", (p) => {
    if (!p.lengthComputable) return;
    const part = Math.floor((100 * p.loaded) / p.total);
    bar.value = part;
    status.textContent = part < 100 ? words.text.replace("{0}", part) : words.reading;
  });
  request.addEventListener("load", () => {
    const main = request.response?.querySelector("main");
    if (!main) return request.dispatchEvent(new Event("error"));
    document.querySelector("main").replaceWith(main);
    document.title = request.response.title;
    main.focus();
    rerun();
  });
  request.addEventListener("error", () => {
    lock(false);
    bar.hidden = true;
    status.textContent = words.lost;
  });
  request.open("POST", form.action);
  request.send(data);
});

// The form that came back is a new one: the module runs anew on it.
function rerun() {
  if (document.querySelector("[data-upload]")) import("./upload.js?" + Date.now());
}
