/** Texts of a page that are hard to read: less contrast than WCAG 2.2, 1.4.3 asks for (4.5 to 1). */
import type { Page } from 'playwright-core';

/** Runs in the page: every element with text of its own, its colour against the ground behind it. */
const SCRIPT = `(() => {
  const read = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const light = ({ rgb }) => {
    const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const ground = read(getComputedStyle(e).backgroundColor);
      if (ground.a === 1) return ground;
      if (ground.a > 0) throw new Error('a half-transparent ground: ' + e.className);
    }
    return { rgb: [255, 255, 255] };
  };
  const found = [];
  for (const element of document.querySelectorAll('#page *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.nodeValue.trim() !== '');
    if (!own || element.closest('.unseen, title')) continue;
    const style = getComputedStyle(element);
    const shape = element.closest('svg') && element.parentElement.querySelector('rect');
    const colour = read(element.closest('svg') ? style.fill : style.color);
    const filled = shape && getComputedStyle(shape).fill;
    const inShape = filled && filled !== 'none' && element.parentElement.tagName === 'g';
    const [a, b] = [light(colour), light(inShape ? read(filled) : groundOf(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.push(contrast.toFixed(2) + ' ' + element.textContent.trim().slice(0, 40));
  }
  return found;
})()`;

export function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(SCRIPT);
}
