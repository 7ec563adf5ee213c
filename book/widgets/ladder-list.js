// A view -> a list of rows, of which only those in sight are in the page:
// a listbox whose options are the packets. Long ladders scroll in their own
// box, short ones with the page.
"use strict";
(() => {
  const lab = globalThis.socketLab;
  const { h, ladderWords: words } = lab;

  const BEYOND = 400; // pixels that are drawn above and below what is in sight
  const TALL = 1500; // what is taller gets a box
  const TIMED = new Set(["packet", "note"]);
  const SPAN = 270; // least distance between hosts if there are more than two

  // `base`: what the options' ids begin with (not those of links: a browser would
  // go there by itself, past what leads there). `moved(left)`: scrolled sideways.
  lab.ladderList = ({ base, label, boxed, moved, picked }) => {
    const list = h("div", {
      class: "lad-list", role: "listbox", tabindex: 0, "aria-label": label, "aria-orientation": "vertical",
    });
    const hint = h("p", { class: "sr-only", id: `${base}-keys` },
      "The arrow keys step, Home and End go to the ends, Page Up and Page Down to claims, Enter shows the bytes, P plays.");
    list.setAttribute("aria-describedby", hint.id);
    const playhead = h("div", { class: "lad-playhead", hidden: true });
    const field = h("div", { class: "lad-field", role: "presentation" }, playhead);
    list.append(field);
    let view, rails, tops = [], sizes = [], here = -1, until = Infinity;
    const drawn = new Map(); // row's index -> { element, flight }
    let played = false;

    function measure() {
      // Before the width is read, since a box has a scroll bar.
      list.classList.toggle("boxed", boxed || view.rows.length * 30 > TALL);
      rails = lab.ladderRails(view.hosts, inside());
      let top = 0;
      tops = new Array(view.rows.length + 1);
      sizes = view.rows.map((row, i) => {
        const size = lab.ladderMeasure(view, row, rails);
        tops[i] = top;
        top += size.height;
        return size;
      });
      tops[view.rows.length] = top;
      field.style.height = `${top + 10}px`;
      if (top > TALL) list.classList.add("boxed");
    }

    function inside() {
      const style = getComputedStyle(list);
      const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
      const edge = (side) => parseFloat(style.getPropertyValue(side)) * rem;
      const edges = edge("--edge-left") + edge("--edge-right");
      const least = view.hosts.length > 2 ? (view.hosts.length - 1) * SPAN : 0;
      field.style.minWidth = least ? `${least + edges}px` : "";
      return Math.max(least, list.clientWidth - edges);
    }

    // The first row that ends below y.
    function rowAt(y) {
      let low = 0, high = view.rows.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (tops[middle + 1] > y) high = middle; else low = middle + 1;
      }
      return low;
    }

    function window_() {
      if (list.classList.contains("boxed")) return [list.scrollTop, list.scrollTop + list.clientHeight];
      const top = -field.getBoundingClientRect().top;
      return [top, top + innerHeight];
    }

    function paint() {
      if (!view) return;
      const [top, bottom] = window_();
      const first = rowAt(top - BEYOND), last = Math.min(view.rows.length - 1, rowAt(bottom + BEYOND));
      const wanted = view.packets[here];
      for (const [i, { element }] of drawn)
        if ((i < first || i > last) && i !== wanted) {
          element.remove();
          drawn.delete(i);
        }
      const fresh = document.createDocumentFragment();
      for (let i = first; i <= last; i++) draw(i, fresh);
      if (wanted !== undefined) draw(wanted, fresh);
      if (fresh.childNodes.length) field.append(fresh);
    }

    function draw(i, into) {
      if (drawn.has(i)) return;
      const row = view.rows[i];
      const { svg, flight } = lab.ladderPaint(view, row, rails, sizes[i]);
      const element = h("div", { class: `rung ${row.row}`, "aria-hidden": row.row === "packet" ? null : "true" }, svg);
      element.style.cssText = `top:${tops[i]}px;height:${sizes[i].height}px`;
      if (row.row === "packet") option(element, row);
      drawn.set(i, { element, flight, row });
      mark(i);
      into.append(element);
    }

    function option(element, row) {
      const place = view.placeOf(row.n);
      element.id = `${base}:${row.n}`;
      element.setAttribute("role", "option");
      element.setAttribute("aria-posinset", place + 1);
      element.setAttribute("aria-setsize", view.packets.length);
      element.append(h("span", { class: "sr-only" }, words.sentence(view, place)));
      element.addEventListener("click", () => picked(row.n));
    }

    function mark(i) {
      const { element, row } = drawn.get(i);
      const selected = i === view.packets[here];
      element.classList.toggle("later", i > until);
      element.classList.toggle("here", selected);
      if (row.row === "packet") element.setAttribute("aria-selected", String(selected));
    }

    function reveal(page = true) {
      const i = view.packets[here];
      if (i === undefined) return;
      const top = tops[i], bottom = tops[i] + sizes[i].height;
      if (list.classList.contains("boxed")) {
        const room = Math.min(60, list.clientHeight / 4);
        if (top < list.scrollTop + room / 3) list.scrollTop = top - room;
        else if (bottom > list.scrollTop + list.clientHeight - room / 3) list.scrollTop = bottom - list.clientHeight + room;
        if (page) list.parentElement.scrollIntoView({ block: "nearest" });
      } else if (page) drawn.get(i)?.element.scrollIntoView({ block: "nearest", inline: "nearest" });
    }

    const onscroll = () => { moved(list.scrollLeft); paint(); };
    list.addEventListener("scroll", onscroll, { passive: true });
    addEventListener("scroll", paint, { passive: true });
    let width = 0;
    const resized = new ResizeObserver(() => {
      if (!view || list.clientWidth === width || !list.clientWidth) return;
      width = list.clientWidth;
      again();
    });

    function again() {
      for (const { element } of drawn.values()) element.remove();
      drawn.clear();
      measure();
      paint();
    }

    return {
      element: list,
      hint,
      get rails() { return rails; },
      show(next) {
        view = next;
        width = list.clientWidth;
        again();
        resized.observe(list);
      },
      // The packet at this place is selected; rows after it are yet to come.
      select(place, all, scroll = true) {
        here = place;
        until = all || place < 0 ? Infinity : view.until(place);
        paint();
        for (const [i, { flight }] of drawn) {
          mark(i);
          if (played) flight?.(1);
        }
        played = false;
        const row = view.rows[view.packets[here]];
        if (row) list.setAttribute("aria-activedescendant", `${base}:${row.n}`);
        else list.removeAttribute("aria-activedescendant");
        if (scroll) reveal();
      },
      // In its own box, the page stays where it is.
      within: () => reveal(false),
      // While it plays: what has happened by t, and the line that falls.
      play(t, last) {
        until = last;
        played = true;
        for (const [i, { flight, row }] of drawn) {
          mark(i);
          if (!flight) continue;
          const travel = Math.max(1, (row.arrived ?? row.at + 1) - row.at);
          flight(i > last ? 1 : Math.min(1, (t - row.at) / travel));
        }
        playhead.hidden = false;
        playhead.style.transform = `translateY(${fallen(t, last)}px)`;
      },
      stopped() { playhead.hidden = true; },
      atEnd: () => list.scrollTop + list.clientHeight > list.scrollHeight - 40,
      toEnd() { if (list.classList.contains("boxed")) list.scrollTop = list.scrollHeight; },
      destroy() {
        removeEventListener("scroll", paint);
        resized.disconnect();
        list.remove();
      },
    };

    // The line that falls: between two moments, as far down as time has passed
    // between them.
    function fallen(t, last) {
      let from = last;
      while (from >= 0 && !TIMED.has(view.rows[from].row)) from--;
      const next = last + 1, middle = (i) => tops[i] + sizes[i].height / 2;
      const begin = from < 0 ? view.start : view.times[from];
      const [to, end] = next < view.rows.length ? [middle(next), view.times[next]] : [tops[next], view.end];
      const y = from < 0 ? 0 : middle(from);
      return y + (to - y) * Math.min(1, Math.max(0, (t - begin) / Math.max(1, end - begin)));
    }
  };
})();
