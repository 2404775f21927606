// Buttons that copy what another element holds. Without a script there are none: the text can be selected.

for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.querySelector(button.getAttribute("data-copy") ?? "");
  if (!(source instanceof HTMLInputElement) || !("clipboard" in navigator)) continue;
  button.toggleAttribute("hidden", false);
  button.addEventListener("click", async () => {
    source.select();
    await navigator.clipboard.writeText(source.value);
    button.textContent = "Copied";
  });
}
