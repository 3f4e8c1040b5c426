/** The chat as it stands on the page without JavaScript, until the widget takes its place. */

export class Plain {
  /** @param {HTMLElement|null} element */
  constructor(element) {
    this.element = element;
    this.leaving = false; // what was sent from here is on its way, and a new page with it
    element?.addEventListener("submit", () => (this.leaving = true));
  }

  /** What somebody has begun to write or chosen here goes on there. */
  handOver(composer) {
    const { element } = this;
    if (!element) return;
    const field = element.querySelector("textarea[name=text]");
    const files = [...(element.querySelector("input[name=photo]")?.files ?? [])];
    const writing = field && field === document.activeElement;
    element.remove();
    if (field?.value) composer.write(field.value);
    if (files.length) composer.photos.take(files);
    if (writing) composer.focus();
  }
}
