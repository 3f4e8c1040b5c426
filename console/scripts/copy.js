// A button with data-copy="ID" copies what the field of that id holds; without the clipboard the field's text is selected.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const status = document.getElementById(`${field.id}-status`);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      status.textContent = button.dataset.copied;
    } catch {
      field.focus(); // browsers give the clipboard to https and this machine only
    }
  });
}
