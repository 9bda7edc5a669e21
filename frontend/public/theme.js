// Runs before the first paint, so that a dark page never flashes white. The
// choice is kept in this browser; "system" follows the operating system.
(() => {
  let choice = "system";
  try {
    choice = localStorage.getItem("alcove.theme") || "system";
  } catch {
    // Storage may be off; the system's choice is good enough.
  }
  const dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
