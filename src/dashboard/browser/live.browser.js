// A job at work, as it happens: bars, counts, what it waits for. When it ends the page is loaded anew, with the result.

const count = new Intl.NumberFormat("en");
/** Shorter waits are told by their stream alone. */
const LONG_MS = 10_000;
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** @typedef {{ stream: string, state: string, sync_mode: string, pages: number, entities_inserted: number, entities_updated: number, entities_deleted: number, entities_kept: number, entities_failed: number, entity_count: number, entities_before: number, entities_seen: number, waiting_until: string | null, waiting_reason: string | null, error: string | null }} Stream */
/** @typedef {{ at: string, job: Record<string, unknown> & { status: string, waiting_until: string | null, waiting_reason: string | null }, records_per_second: number, streams: Stream[] }} Progress */
/** @typedef {{ at: string, level: string, stream: string | null, message: string }} Entry */

const panel = document.querySelector("[data-live]");
if (panel instanceof HTMLElement) watch(panel, panel.dataset["live"] ?? "");

/**
 * @param {HTMLElement} element
 * @param {string} address
 */
function watch(element, address) {
  const source = new EventSource(address);
  /** @type {Map<string, HTMLElement>} */
  const rows = new Map();
  let isOver = false;

  /** @param {Progress} progress */
  const show = (progress) => {
    const { job } = progress;
    set(element, "[data-rate]", count.format(Math.round(progress.records_per_second)));
    for (const each of element.querySelectorAll("[data-count]")) {
      const value = job[each.getAttribute("data-count") ?? ""];
      if (typeof value === "number") each.textContent = count.format(value);
    }
    const badge = element.querySelector("[data-status] .badge");
    if (badge !== null) badge.textContent = titled(job.status);
    const waiting = element.querySelector("[data-waiting]");
    if (waiting instanceof HTMLElement) {
      const until = job.waiting_until;
      const isLong = until !== null && Date.parse(until) - Date.parse(progress.at) > LONG_MS;
      waiting.hidden = !isLong;
      waiting.textContent = isLong ? waitingText(until, job.waiting_reason ?? "") : "";
    }
    for (const stream of progress.streams) showStream(element, rows, stream);
  };

  source.addEventListener("snapshot", (event) => show(JSON.parse(event.data)));
  source.addEventListener("progress", (event) => show(JSON.parse(event.data)));
  source.addEventListener("log", (event) => addEntry(JSON.parse(event.data)));
  source.addEventListener("end", (event) => {
    isOver = true;
    source.close();
    show(JSON.parse(event.data));
    set(element, "[data-said]", "The sync has ended.");
    location.reload();
  });
  source.addEventListener("error", () => {
    // Otherwise the browser connects again by itself.
    if (isOver || source.readyState !== EventSource.CLOSED) return;
    const waiting = element.querySelector("[data-waiting]");
    if (!(waiting instanceof HTMLElement)) return;
    waiting.hidden = false;
    waiting.textContent = "Live progress has stopped. Load the page again to see where the sync is.";
  });
}

/**
 * @param {HTMLElement} element
 * @param {Map<string, HTMLElement>} rows
 * @param {Stream} stream
 */
function showStream(element, rows, stream) {
  const row = rows.get(stream.stream) ?? addRow(element, rows, stream.stream);
  if (row === null) return;
  row.dataset["state"] = stream.state;
  set(row, "[data-state]", stateText(stream));
  set(row, "[data-counts]", countsText(stream));
  const bar = row.querySelector("progress");
  if (bar === null) return;
  const share = shareOf(stream);
  // Without a value it shows only that something is going on.
  if (share === null) bar.removeAttribute("value");
  else bar.value = share;
}

/**
 * @param {HTMLElement} element
 * @param {Map<string, HTMLElement>} rows
 * @param {string} name
 */
function addRow(element, rows, name) {
  const template = element.querySelector("template[data-stream]");
  const list = element.querySelector("[data-streams]");
  if (!(template instanceof HTMLTemplateElement) || list === null) return null;
  const row = template.content.firstElementChild?.cloneNode(true);
  if (!(row instanceof HTMLElement)) return null;
  set(row, "[data-name]", name);
  row.querySelector("progress")?.setAttribute("aria-label", `Progress of ${name}`);
  rows.set(name, row);
  list.append(row);
  return row;
}

/**
 * How much of a stream is read: known where all of it is read again, as then there is a count from before.
 *
 * @param {Stream} stream
 */
function shareOf(stream) {
  if (stream.state === "done" || stream.state === "read") return 1;
  if (stream.state === "failed") return 0;
  if (stream.sync_mode !== "full" || stream.entities_before === 0) return null;
  return Math.min(0.99, stream.entities_seen / stream.entities_before);
}

/** @param {Stream} stream */
function stateText(stream) {
  if (stream.state === "failed") return stream.error ?? "failed";
  if (stream.waiting_until !== null) return waitingText(stream.waiting_until, stream.waiting_reason ?? "");
  if (stream.state === "done") return "done";
  if (stream.state === "read") return "read to the end";
  const share = shareOf(stream);
  return share === null ? "reading" : `${Math.floor(share * 100)} %`;
}

/** @param {Stream} stream */
function countsText(stream) {
  /** @type {[number, string][]} */
  const parts = [
    [stream.entities_inserted, "inserted"],
    [stream.entities_updated, "updated"],
    [stream.entities_deleted, "deleted"],
    [stream.entities_kept, "unchanged"],
    [stream.entities_failed, "refused"],
  ];
  const some = parts.filter(([number]) => number > 0).map(([number, what]) => `${count.format(number)} ${what}`);
  return some.length === 0 ? "nothing yet" : some.join(", ");
}

/**
 * @param {string} until
 * @param {string} reason
 */
function waitingText(until, reason) {
  return `Waiting until ${clock.format(Date.parse(until))}${reason === "" ? "" : `: ${reason}`}`;
}

/** @param {Entry} entry */
function addEntry(entry) {
  const list = document.querySelector("[data-log]");
  if (list === null) return;
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.dateTime = entry.at;
  time.textContent = entry.at.slice(11, 19);
  const badge = document.createElement("span");
  badge.className = `badge ${{ warning: "warn", error: "bad" }[entry.level] ?? "quiet"}`;
  badge.textContent = titled(entry.level);
  const text = document.createElement("span");
  if (entry.stream !== null) {
    const name = document.createElement("strong");
    name.textContent = `${entry.stream}: `;
    text.append(name);
  }
  text.append(entry.message);
  item.append(time, badge, text);
  list.append(item);
}

/**
 * @param {Element} within
 * @param {string} selector
 * @param {string} text
 */
function set(within, selector, text) {
  const element = within.querySelector(selector);
  if (element !== null && element.textContent !== text) element.textContent = text;
}

/** @param {string} word */
function titled(word) {
  return word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();
}
