// The next times of what is typed into the schedule's fields, before it is saved. The server does the reckoning.

/** Long enough for a finger to come to the next key. */
const PATIENCE_MS = 250;

const form = document.querySelector("form[data-preview]");
if (form instanceof HTMLFormElement) preview(form);

/** @param {HTMLFormElement} element */
function preview(element) {
  // What the button does without a script is done at once with one.
  document.querySelector("[data-preview-button]")?.setAttribute("hidden", "");
  const zones = document.querySelector("#zones");
  for (const name of zones === null ? [] : ["UTC", ...Intl.supportedValuesOf("timeZone")]) {
    const option = document.createElement("option");
    option.value = name;
    zones?.append(option);
  }
  let timer = 0;
  let latest = 0;
  element.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), PATIENCE_MS);
  });

  async function ask() {
    const turn = ++latest;
    const typed = new FormData(element);
    const field = (/** @type {string} */ name) => {
      const value = typed.get(name);
      return typeof value === "string" ? value.trim() : "";
    };
    const query = new URLSearchParams({
      cron: field("cron"),
      timezone: field("timezone"),
      full_sync_cron: field("full_sync_cron"),
    });
    const response = await fetch(`${element.dataset["preview"]}?${query.toString()}`, {
      headers: { accept: "application/json" },
    });
    // Somebody has typed on meanwhile.
    if (turn !== latest || !response.ok) return;
    const { times, full_times: fullTimes, faults } = await response.json();
    list("#times", times, field("timezone"));
    list("#full-times", fullTimes, field("timezone"));
    tell("cron", faults.cron);
    tell("timezone", faults.timezone);
    tell("full", faults.fullCron);
  }
}

/**
 * @param {string} selector
 * @param {string[]} times
 * @param {string} timeZone
 */
function list(selector, times, timeZone) {
  const items = times.map((at) => {
    const item = document.createElement("li");
    const time = document.createElement("time");
    time.dateTime = at;
    time.textContent = new Intl.DateTimeFormat("en-GB", {
      weekday: "short",
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      timeZoneName: "short",
      timeZone,
    }).format(Date.parse(at));
    item.append(time);
    return item;
  });
  if (items.length === 0) {
    const none = document.createElement("li");
    none.className = "soft";
    none.textContent = "none";
    items.push(none);
  }
  document.querySelector(selector)?.replaceChildren(...items);
}

/**
 * What is wrong with a field, below it, as the server would show it.
 *
 * @param {string} id
 * @param {string | null} fault
 */
function tell(id, fault) {
  const input = document.querySelector(`#${id}`);
  if (!(input instanceof HTMLInputElement)) return;
  const told = document.querySelector(`#${id}-wrong`) ?? document.createElement("span");
  told.id = `${id}-wrong`;
  told.className = "wrong";
  told.textContent = fault ?? "";
  if (!told.isConnected) input.parentElement?.querySelector(".hint")?.before(told);
  if (fault === null) input.removeAttribute("aria-invalid");
  else input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", fault === null ? `${id}-hint` : `${id}-wrong ${id}-hint`);
}
