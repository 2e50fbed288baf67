// What pages do better with a script; each works without.

function copies(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = button.parentElement.querySelector("pre").textContent;
    await navigator.clipboard.writeText(text);
    const told = button.querySelector("span");
    told.textContent = "Copied";
    setTimeout(() => { told.textContent = "Copy"; }, 2000);
  });
}

function filters(input) {
  const rows = [...document.querySelectorAll("[data-row]")];
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase();
    for (const row of rows) row.hidden = !row.dataset.row.toLowerCase().includes(wanted);
  });
}

function sends(control) {
  control.addEventListener("change", () => control.form.submit());
}

function suggests(input) {
  const name = document.getElementById(input.dataset.suggestsSlug);
  const show = () => {
    input.placeholder = name.value.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 63);
  };
  name.addEventListener("input", show);
  show();
}

async function goesOn(box) {
  const bar = box.querySelector("progress");
  const answer = await fetch(box.dataset.progress);
  if (!answer.ok) return;
  const { state, done, size } = await answer.json();
  bar.max = Math.max(size, 1);
  bar.value = done;
  const share = Math.floor((100 * done) / bar.max);
  box.querySelector("[data-done]").textContent = `${share} %`;
  if (state === "pending") setTimeout(() => goesOn(box), 1000);
  else location.reload();
}

for (const one of document.querySelectorAll("[data-progress]")) goesOn(one);
for (const one of document.querySelectorAll("[data-copies]")) copies(one);
for (const one of document.querySelectorAll("[data-filters]")) filters(one);
for (const one of document.querySelectorAll("[data-sends-itself]")) sends(one);
for (const one of document.querySelectorAll("[data-suggests-slug]")) suggests(one);
