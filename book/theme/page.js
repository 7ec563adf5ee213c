// mdBook's own parts of a page -> the same, for keyboards and screen readers.
"use strict";
(() => {
  // The bar on top is outside of every landmark.
  document.getElementById("mdbook-menu-bar")?.setAttribute("role", "banner");

  // The sidebar's switch is a label, which no key reaches and which may have
  // neither a name nor aria-expanded: a button in its place presses it.
  const label = document.getElementById("mdbook-sidebar-toggle");
  const shown = document.getElementById("mdbook-sidebar-toggle-anchor");
  if (label && shown) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = label.className;
    button.title = label.title;
    button.setAttribute("aria-label", label.getAttribute("aria-label"));
    button.setAttribute("aria-controls", "mdbook-sidebar");
    button.append(...label.childNodes);
    const tell = () => button.setAttribute("aria-expanded", shown.checked);
    tell();
    shown.addEventListener("change", tell);
    button.addEventListener("click", () => label.click());
    label.before(button);
    label.className = "hidden";
  }

  // What scrolls sideways can be reached by Tab and scrolled by the arrows,
  // which turn mdBook's page elsewhere.
  const boxes = [...document.querySelectorAll("main pre > code, main .table-wrapper")];
  const look = (box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  };
  const scrolls = new ResizeObserver((entries) => entries.forEach(({ target }) => look(target)));
  // Fonts and styles change what is in a box, and not the box.
  addEventListener("load", () => boxes.forEach(look));
  document.fonts.ready.then(() => boxes.forEach(look));
  for (const box of boxes) {
    look(box);
    scrolls.observe(box);
    box.addEventListener("keydown", (event) => {
      if (event.target === box && event.key.startsWith("Arrow")) event.stopPropagation();
    });
  }
})();
