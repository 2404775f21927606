// Shows of the webhook's fields those that its scheme needs. Without a script all of them are there.

const scheme = document.querySelector("#scheme");

if (scheme instanceof HTMLSelectElement) {
  const show = () => {
    for (const part of document.querySelectorAll("[data-for-scheme]")) {
      part.toggleAttribute("hidden", part.getAttribute("data-for-scheme") !== scheme.value);
    }
    document
      .querySelector("#secrets")
      ?.closest(".field")
      ?.toggleAttribute("hidden", scheme.value === "none");
  };
  scheme.addEventListener("change", show);
  show();
}
