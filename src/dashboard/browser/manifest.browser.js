// A manifest's file is shown in the text below it, where it can be changed before it is sent.

const file = document.querySelector("#file");
const text = document.querySelector("#manifest");
const shortName = document.querySelector("#short_name");

if (file instanceof HTMLInputElement && text instanceof HTMLTextAreaElement) {
  file.addEventListener("change", async () => {
    const [chosen] = file.files ?? [];
    if (chosen === undefined) return;
    text.value = await chosen.text();
    if (shortName instanceof HTMLInputElement && shortName.value === "") shortName.value = shortNameOf(chosen.name);
    // What is sent is the text, with whatever is changed in it from now on.
    file.value = "";
    text.focus();
  });
}

/**
 * `Our CRM.yaml` is `our-crm`.
 *
 * @param {string} fileName
 */
function shortNameOf(fileName) {
  const stem = fileName.replace(/\.\w+$/, "").toLowerCase();
  return stem.replaceAll(/[^a-z0-9_]+/g, "-").replaceAll(/^[^a-z]+|-+$/g, "");
}
