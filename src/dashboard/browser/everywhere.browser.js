// On every page: times that stay true, questions before what can't be undone, and no second click on a form.

const UNITS = /** @type {const} */ ([
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
]);
const relative = new Intl.RelativeTimeFormat("en", { numeric: "always", style: "short" });
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

/**
 * As the server spells it, so that nothing jumps when the page has loaded.
 *
 * @param {number} seconds from now on; negative for what has been
 */
function relativeText(seconds) {
  if (Math.abs(seconds) < 10) return seconds > 0 ? "in a moment" : "just now";
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? UNITS[3];
  return relative.format(Math.trunc(seconds / size), unit);
}

function tellTimes() {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    const at = Date.parse(element.getAttribute("datetime") ?? "");
    if (Number.isNaN(at)) continue;
    const text = relativeText((at - Date.now()) / 1000);
    if (element.textContent !== text) element.textContent = text;
    element.setAttribute("title", absolute.format(at));
  }
}

tellTimes();
setInterval(tellTimes, 10_000);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  const question = form.dataset["confirm"];
  // A page without scripts posts at once; what can't be undone asks for a typed word besides.
  if (question !== undefined && !confirm(question)) {
    event.preventDefault();
    return;
  }
  if (form.method !== "post") return;
  // After this turn, or the button's own name would not be sent.
  setTimeout(() => {
    for (const button of form.querySelectorAll("button")) button.disabled = true;
  });
});

// On a narrow screen the tabs scroll; the one that is open is to be seen.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// A choice that shows something else does so at once.
for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => {
    if (select instanceof HTMLSelectElement) select.form?.requestSubmit();
  });
}

// A page that comes back from the browser's memory has its buttons again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const button of document.querySelectorAll("button")) button.disabled = button.dataset["off"] !== undefined;
});
