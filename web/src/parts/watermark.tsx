// Who looks and when, over everything. It deters; traceable marks are the server's. Taken away or hidden, it comes back, and
// the ledger is told.
import { useEffect } from 'react';
import { people } from '../api/people';
import { sessionState } from '../session/store';

const minute = 60_000;
/** Somebody may take it away again and again: it comes back without haste, so that the page stays usable. */
const pause = 200;
let toldAt = -Infinity;

function paint(text: string, dark: boolean): string {
  const canvas = document.createElement('canvas');
  const scale = Math.min(2, window.devicePixelRatio || 1);
  canvas.width = 460 * scale;
  canvas.height = 210 * scale;
  const pen = canvas.getContext('2d');
  if (!pen) return '';
  pen.scale(scale, scale);
  pen.translate(24, 180);
  pen.rotate(-0.3);
  pen.font = '12px system-ui, sans-serif';
  pen.fillStyle = dark ? 'rgb(255 255 255 / 0.04)' : 'rgb(16 24 40 / 0.04)';
  pen.fillText(text, 0, 0);
  return canvas.toDataURL();
}

const now = () => {
  const d = new Date();
  const two = (n: number) => String(n).padStart(2, '0');
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}`;
};

/** At most once a minute, and not while nobody is signed in. That it was told is no sign that somebody is there. */
function tell(): void {
  if (sessionState().at !== 'in' || Date.now() - toldAt < minute) return;
  toldAt = Date.now();
  people.watermarkMissed().catch(() => undefined);
}

/** Whether it is there as it was drawn, and can be seen. On paper there is nothing to cover. */
function intact(layer: HTMLElement, style: string): boolean {
  const names = layer.getAttributeNames().sort().join(' ');
  const there = layer.parentNode === document.body && names === 'aria-hidden class style';
  if (!there || layer.className !== 'watermark' || layer.getAttribute('style') !== style) return false;
  const { display, visibility, opacity } = getComputedStyle(layer);
  const seen = display !== 'none' && visibility === 'visible' && opacity === '1';
  return seen || window.matchMedia('print').matches;
}

export function Watermark({ user, dark }: { user: string; dark: boolean }) {
  useEffect(() => {
    let layer: HTMLElement;
    let style = '';
    let coming: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      layer.style.backgroundImage = `url(${paint(`${user} ${now()}`, dark)})`;
      layer.style.backgroundSize = '460px 210px';
      style = layer.getAttribute('style') ?? '';
    };
    const mount = () => {
      layer = document.createElement('div');
      layer.className = 'watermark';
      layer.setAttribute('aria-hidden', 'true');
      draw();
      document.body.append(layer);
      keep.observe(layer, { attributes: true });
    };
    const look = () => {
      if (coming !== undefined || intact(layer, style)) return;
      tell();
      coming = setTimeout(() => {
        coming = undefined;
        layer.remove();
        mount();
      }, pause);
    };
    const keep = new MutationObserver(look);
    keep.observe(document.body, { childList: true });
    mount();
    // A rule of a style sheet hides it without a change of the page.
    const looking = setInterval(look, minute / 12);
    const drawing = setInterval(draw, minute);
    return () => {
      keep.disconnect();
      clearTimeout(coming);
      clearInterval(looking);
      clearInterval(drawing);
      layer.remove();
    };
  }, [user, dark]);
  return null;
}
