// One page for all widgets: controls from model.spec, a picture from the kernel.
// A request goes out only when the last one is answered and its picture stands: the newest
// settings win, nothing piles up.

const SILENT = 8000; // milliseconds until it is said that no answer has come
const SETTLED = 350; // milliseconds after which settings are kept in the notebook
const FRAME = 80; // milliseconds between two pictures that play

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

function nearest(values, value) {
  if (value === null) return values.indexOf(null);
  let best = 0;
  values.forEach((one, index) => {
    if (one === null) return;
    const old = values[best];
    if (old === null || Math.abs(one - value) < Math.abs(old - value)) best = index;
  });
  return best;
}

function slider(control, id, change) {
  const last = control.values.length - 1;
  const input = element("input", { type: "range", id, min: 0, max: last, step: 1 });
  const output = element("output", { for: id });
  const box = element("div", { class: "dl-control" }, element("label", { for: id }, control.label));
  const write = (text) => {
    output.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  input.addEventListener("input", () => {
    write(control.texts[input.value]);
    change(control.name, control.values[input.value]);
  });
  box.append(input, output);
  return {
    box,
    input,
    set(value) {
      const index = nearest(control.values, value);
      input.value = index;
      const exact = control.values[index] === value;
      write(exact ? control.texts[index] : String(Number(value.toPrecision(4))));
    },
  };
}

function choice(control, id, change) {
  const select = element("select", { id });
  for (const option of control.options) select.append(element("option", { value: option }, option));
  select.addEventListener("change", () => change(control.name, select.value));
  const label = element("label", { for: id }, control.label);
  return {
    box: element("div", { class: "dl-control" }, label, select),
    set: (value) => (select.value = value),
  };
}

function several(control, id, change) {
  const box = element("fieldset", { class: "dl-control dl-several" });
  box.append(element("legend", {}, control.label));
  const inputs = control.options.map((option, index) => {
    const input = element("input", { type: "checkbox", id: `${id}-${index}` });
    const label = element("label", { for: input.id });
    if (control.colors[option]) {
      const swatch = element("span", { class: "dl-swatch", "aria-hidden": "true" });
      swatch.style.background = control.colors[option];
      label.append(swatch);
    }
    label.append(option);
    input.addEventListener("change", () =>
      change(control.name, control.options.filter((_, i) => inputs[i].checked)),
    );
    box.append(element("span", {}, input, label));
    return input;
  });
  const set = (value) =>
    control.options.forEach((option, i) => (inputs[i].checked = value.includes(option)));
  return { box, set };
}

const KINDS = { slider, choice, several };

function render({ model, el }) {
  const spec = model.get("spec");
  const texts = spec.texts;
  const mine = `descentlab-${Math.random().toString(36).slice(2)}`; // ids are the page's
  const parts = {};
  const players = [];
  let settings = { ...model.get("settings") };
  let number = model.get("answer");
  let waiting = false; // for the answer with this number
  let newest = null; // settings that wait for their turn
  let silence = null;
  let settled = null;

  const controls = element("div", { class: "dl-controls" });
  const image = element("img", { draggable: "false" });
  const stage = element("div", { class: "dl-stage" }, image);
  const notes = element("ul", { class: "dl-notes", role: "status", "aria-live": "polite" });
  const words = element("p");
  const root = element("div", { class: "descentlab-widget", role: "group", "aria-label": spec.title });

  function say(sentences) {
    notes.replaceChildren(...sentences.map((sentence) => element("li", {}, sentence)));
  }

  function send() {
    number += 1;
    waiting = true;
    root.dataset.asked = number;
    model.set("ask", { number, settings: newest });
    newest = null;
    model.save_changes();
    clearTimeout(silence);
    silence = setTimeout(() => {
      players.forEach((player) => player.stop());
      say([texts.silent]);
    }, SILENT);
  }

  function request() {
    newest = { ...settings };
    if (!waiting) send();
  }

  function change(name, value) {
    settings[name] = value;
    reveal();
    request();
  }

  function reveal() {
    for (const control of spec.controls) {
      if (!parts[control.name]) continue;
      const hidden = Object.entries(control.when).some(
        ([name, wanted]) => !wanted.includes(settings[name]),
      );
      parts[control.name].box.hidden = hidden;
    }
  }

  function show() {
    for (const control of spec.controls) parts[control.name]?.set(settings[control.name]);
    reveal();
  }

  function draw() {
    const answered = model.get("answer");
    const url = URL.createObjectURL(new Blob([model.get("picture")], { type: "image/png" }));
    const old = image.src;
    image.onload = () => {
      if (old) URL.revokeObjectURL(old);
      root.dataset.shown = answered;
      root.dispatchEvent(new CustomEvent("descentlab-shown", { detail: answered }));
      waiting = false;
      if (newest) send();
      else players.forEach((player) => player.next());
    };
    image.src = url;
    image.alt = model.get("words");
    words.textContent = model.get("words");
    say(model.get("notes"));
  }

  function onAnswer() {
    if (model.get("answer") !== number) return; // another view of this widget asked
    clearTimeout(silence);
    if (!newest) {
      settings = { ...model.get("settings") };
      show();
      clearTimeout(settled);
      settled = setTimeout(() => model.send({ do: "keep" }), SETTLED);
    }
    draw();
  }

  function player(control, part) {
    const button = element("button", { type: "button", "aria-pressed": "false" }, texts.play);
    const last = () => Number(part.input.max);
    let playing = false;
    let timer = null;
    const me = {
      stop() {
        playing = false;
        clearTimeout(timer);
        button.textContent = texts.play;
        button.setAttribute("aria-pressed", "false");
      },
      next() {
        if (!playing) return;
        clearTimeout(timer);
        timer = setTimeout(() => {
          if (Number(part.input.value) >= last()) return me.stop();
          part.input.value = Number(part.input.value) + 1;
          part.input.dispatchEvent(new Event("input"));
        }, FRAME);
      },
    };
    button.addEventListener("click", () => {
      if (playing) return me.stop();
      playing = true;
      button.textContent = texts.pause;
      button.setAttribute("aria-pressed", "true");
      if (Number(part.input.value) >= last()) {
        part.input.value = 0;
        part.input.dispatchEvent(new Event("input"));
      } else me.next();
    });
    part.input.addEventListener("pointerdown", () => me.stop());
    part.box.prepend(button);
    part.box.classList.add("dl-plays");
    players.push(me);
  }

  function point(control) {
    const clip = (value, [a, b]) => Math.min(Math.max(value, Math.min(a, b)), Math.max(a, b));
    const round = (value, [a, b]) => {
      const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(b - a))));
      return Number(value.toFixed(digits));
    };
    const move = (x, y) => {
      const { x: across, y: along } = model.get("plane");
      change(control.name, [round(clip(x, across), across), round(clip(y, along), along)]);
    };
    stage.classList.add("dl-click");
    stage.tabIndex = 0;
    stage.setAttribute("role", "group");
    stage.setAttribute("aria-label", texts.point);
    stage.addEventListener("click", (event) => {
      const { box, x, y } = model.get("plane");
      const place = image.getBoundingClientRect();
      const right = ((event.clientX - place.left) / place.width - box[0]) / (box[2] - box[0]);
      const down = ((event.clientY - place.top) / place.height - box[1]) / (box[3] - box[1]);
      if (right < 0 || right > 1 || down < 0 || down > 1) return;
      move(x[0] + right * (x[1] - x[0]), y[1] - down * (y[1] - y[0]));
    });
    stage.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
      if (!steps[event.key]) return;
      event.preventDefault();
      event.stopPropagation();
      const { x, y } = model.get("plane");
      const [right, up] = steps[event.key];
      const [a, b] = settings[control.name];
      move(a + (right * (x[1] - x[0])) / 50, b + (up * (y[1] - y[0])) / 50);
    });
  }

  function file(action) {
    const button = element("button", { type: "button" }, action.label);
    button.addEventListener("click", () => {
      button.disabled = true;
      say([texts.working]);
      model.send({ do: "file", action: action.name });
    });
    model.on("msg:custom", (message, buffers) => {
      if (message.action !== action.name) return;
      button.disabled = false;
      if (message.error) return say([message.error]);
      const link = element("a", { download: message.name });
      link.href = URL.createObjectURL(new Blob([buffers[0]]));
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      say([texts.saved.replace("{name}", message.name)]);
    });
    return button;
  }

  for (const control of spec.controls) {
    if (control.kind === "point") {
      point(control);
      continue;
    }
    const id = `${mine}-${control.name}`;
    const part = KINDS[control.kind](control, id, change);
    if (control.plays) player(control, part);
    parts[control.name] = part;
    controls.append(part.box);
  }
  const reset = element("button", { type: "button" }, texts.reset);
  reset.addEventListener("click", () => {
    settings = { ...spec.first };
    show();
    request();
  });
  controls.append(...spec.actions.map(file), reset);

  const hint = element("p", { class: "dl-try" }, element("b", {}, texts.try), ` ${spec.tryThis}`);
  const inWords = element("details", {}, element("summary", {}, texts.words), words);
  root.append(hint, controls, stage, notes, inWords);
  // JupyterLab's own shortcuts must not take the keys that a control is for.
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" && !(event.ctrlKey || event.metaKey)) event.stopPropagation();
  });
  el.append(root);
  show();
  draw();
  model.on("change:answer", onAnswer);
  return () => {
    model.off("change:answer", onAnswer);
    clearTimeout(silence);
    players.forEach((one) => one.stop());
  };
}

export default { render };
