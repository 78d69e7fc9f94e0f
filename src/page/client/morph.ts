/**
 * Makes what is on the page like what should be there, touching only what differs: what has the focus keeps it, and text
 * that somebody marks stays marked.
 */

export function morph(target: Element, source: ParentNode): void {
  const wanted = [...source.childNodes];
  wanted.forEach((node, index) => {
    const there = target.childNodes[index];
    if (there === undefined) target.append(node.cloneNode(true));
    else if (there instanceof Element && node instanceof Element && there.nodeName === node.nodeName) {
      morphAttributes(there, node);
      morph(there, node);
    } else if (there.nodeType === Node.TEXT_NODE && node.nodeType === Node.TEXT_NODE) {
      if (there.nodeValue !== node.nodeValue) there.nodeValue = node.nodeValue;
    } else there.replaceWith(node.cloneNode(true));
  });
  while (target.childNodes.length > wanted.length) target.lastChild!.remove();
}

function morphAttributes(target: Element, source: Element): void {
  for (const { name } of [...target.attributes]) if (!source.hasAttribute(name)) target.removeAttribute(name);
  for (const { name, value } of source.attributes) {
    if (target.getAttribute(name) !== value) target.setAttribute(name, value);
  }
}
