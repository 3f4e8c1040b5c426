// Looks whether a training has gone on, and shows the page anew when it has.
const progress = document.querySelector("[data-watch]");

async function look() {
  try {
    const answer = await fetch(progress.dataset.watch, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      const now = await answer.json();
      if (now.state !== "running" || now.step !== progress.dataset.step) return location.reload();
    }
  } catch {
    // The console cannot be reached just now: look again.
  }
  setTimeout(look, 3000);
}

if (progress) setTimeout(look, 3000);
