// Before the first paint: the theme that somebody chose in the settings. Nothing else is kept in localStorage.
try {
  const theme = localStorage.getItem("hearth.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage refused: the system's theme it is.
}
