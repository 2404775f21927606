// A list of connections or sources, filtered while one types. Without a script the form asks the server.

const field = document.querySelector("#search");
const rows = [...document.querySelectorAll("[data-words]")];
const found = document.querySelector("#found");

if (field instanceof HTMLInputElement) {
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = row.getAttribute("data-words") ?? "";
      const fits = words.every((word) => text.includes(word));
      row.toggleAttribute("hidden", !fits);
      if (fits) count += 1;
    }
    if (found !== null) found.textContent = `${count} shown`;
  });
}
