// Sends the photos that are chosen in a form, each at once and by itself, so that the form has nothing to wait
// for: progress, thumbnails, removal. The form's own button waits for those that are still on their way.
(() => {
  if (window.printersPhotos) return;
  window.printersPhotos = true;

  const PANEL = ".photos[data-photo-draft]";
  const HOLDER = '[class*="st-key-photo-form"]';
  const AWAY = "The photo could not be sent: is the network there? Choose it again.";
  const PATIENCE_MS = 150000;
  const states = new WeakMap(); // panel -> { queue: photos to send, the first is on its way; held: a button }

  function say(panel, sentence) {
    panel.querySelector(".said").textContent = sentence;
  }

  function headers(panel) {
    return { "X-Photo-Draft": panel.dataset.photoDraft };
  }

  // What the server says about a refusal; a proxy in between may answer with something else.
  function reason(text) {
    try {
      return JSON.parse(text).error || AWAY;
    } catch {
      return AWAY;
    }
  }

  function draw(panel) {
    panel.querySelectorAll(".chosen > li").forEach((item, at) => {
      item.querySelector("img").alt = `Photo ${at + 1}`;
      item.querySelector("button").setAttribute("aria-label", `Remove photo ${at + 1}`);
    });
  }

  function item(panel, url) {
    const made = document.createElement("li");
    const image = document.createElement("img");
    image.src = url;
    image.addEventListener("load", () => url.startsWith("blob:") && URL.revokeObjectURL(url), { once: true });
    const progress = document.createElement("progress");
    progress.max = 1;
    progress.value = 0;
    progress.setAttribute("aria-label", "Sent so far");
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "×";
    made.append(image, progress, remove);
    panel.querySelector(".chosen").append(made);
    draw(panel);
    return made;
  }

  function arrived(panel, made, number) {
    made.querySelector("progress").remove();
    made.querySelector("button").onclick = async () => {
      try {
        const answer = await fetch(`/photos/${number}`, { method: "DELETE", headers: headers(panel) });
        if (!answer.ok && answer.status !== 404) throw new Error();
      } catch {
        say(panel, "The photo could not be removed just now. Try again in a moment.");
        return;
      }
      made.remove();
      draw(panel);
      say(panel, "Removed.");
      panel.querySelector("label.button:not(.camera) input").focus();
    };
  }

  function done(panel, made, failure) {
    const state = states.get(panel);
    state.queue.shift();
    if (failure !== null) {
      made.remove();
      draw(panel);
      say(panel, failure);
    } else if (!state.queue.length) {
      say(panel, "");
    }
    if (state.queue.length) return void sendNext(panel);
    const button = state.held;
    state.held = null;
    if (button && failure === null && button.isConnected) button.click();
  }

  // One after the other: the server takes few at once from one address, where many people may sit.
  function sendNext(panel) {
    const { made, file } = states.get(panel).queue[0];
    const request = new XMLHttpRequest(); // fetch says nothing of what has been sent so far
    request.open("POST", "/photos");
    request.timeout = PATIENCE_MS;
    request.setRequestHeader("X-Photo-Draft", panel.dataset.photoDraft);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.onprogress = (event) => {
      const progress = made.querySelector("progress");
      if (progress && event.lengthComputable) progress.value = event.loaded / event.total;
    };
    request.onload = () => {
      if (request.status !== 201) return done(panel, made, reason(request.responseText));
      arrived(panel, made, JSON.parse(request.responseText).photo);
      return done(panel, made, null);
    };
    request.onerror = request.ontimeout = () => done(panel, made, AWAY);
    request.onabort = () => done(panel, made, "Removed.");
    made.querySelector("button").onclick = () => request.abort();
    request.send(file);
  }

  function send(panel, file) {
    const { queue } = states.get(panel);
    const made = item(panel, URL.createObjectURL(file));
    made.querySelector("button").onclick = () => {
      queue.splice(queue.findIndex((job) => job.made === made), 1);
      made.remove();
      draw(panel);
    };
    queue.push({ made, file });
    if (queue.length === 1) sendNext(panel);
  }

  function take(panel, files) {
    const most = Number(panel.dataset.most);
    const largest = Number(panel.dataset.largest);
    say(panel, "");
    for (const file of files) {
      if (panel.querySelectorAll(".chosen > li").length >= most) {
        say(panel, `At most ${most} photos: the others were left out.`);
        return;
      }
      if (file.size > largest) {
        say(panel, `This photo is too large: at most ${largest / 1048576} MB.`);
      } else {
        send(panel, file);
      }
    }
  }

  // A page that draws its form anew shows the photos that have come already.
  async function begin(panel) {
    states.set(panel, { queue: [], held: null });
    try {
      const answer = await fetch("/photos/draft", { headers: headers(panel), cache: "no-store" });
      if (!answer.ok) return;
      for (const number of (await answer.json()).photos) {
        const thumbnail = await fetch(`/photos/${number}/thumbnail`, { headers: headers(panel) });
        if (!thumbnail.ok) continue;
        arrived(panel, item(panel, URL.createObjectURL(await thumbnail.blob())), number);
      }
      draw(panel);
    } catch {
      // The server is away: the page says so itself.
    }
  }

  function look() {
    document.querySelectorAll(PANEL).forEach((panel) => states.has(panel) || begin(panel));
  }

  document.addEventListener("change", (event) => {
    const panel = event.target.matches("input[type=file]") && event.target.closest(PANEL);
    if (!panel) return;
    if (!states.has(panel)) states.set(panel, { queue: [], held: null });
    take(panel, [...event.target.files]);
    event.target.value = ""; // the same file can be chosen again
  });

  // Before Streamlit hears of it: a form that is sent while a photo is coming would go without it.
  function hold(event) {
    const holder = event.target.closest && event.target.closest(HOLDER);
    const panel = holder && holder.querySelector(PANEL);
    const state = panel && states.get(panel);
    if (!state || !state.queue.length || panel.contains(event.target)) return;
    const button = event.type === "click" && event.target.closest("button");
    if (event.type === "click" ? !button : event.key !== "Enter") return;
    if (event.type !== "click" && event.target.matches("textarea") && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (button) state.held = button;
    say(panel, "The photos are still being sent. Yours is sent with them in a moment.");
  }
  document.addEventListener("click", hold, true);
  document.addEventListener("keydown", hold, true);

  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  look();
})();
