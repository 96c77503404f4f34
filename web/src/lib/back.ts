// A page that the browser has kept as it was shows what was on it to whoever goes back to it, also when the session has
// ended meanwhile. It is kept empty, and asked for anew.
export function keepNothingForBack(): void {
  window.addEventListener('pagehide', () => {
    document.documentElement.style.display = 'none';
  });
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) window.location.reload();
  });
}
