/** Elements made in one line. Whatever comes from the server is text or an attribute, never markup. */

type Child = Node | string | null | undefined;
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

const SVG = 'http://www.w3.org/2000/svg';

export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill<E extends Element>(
  element: E,
  attributes: Attributes,
  children: readonly Child[],
): E {
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  for (const child of children) if (child != null) element.append(child);
  return element;
}

/** True is an attribute without a value; false and undefined are none. */
export function setAttribute(element: Element, name: string, value: Attributes[string]): void {
  const text = value === true ? '' : String(value);
  if (value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/** Touches the page only where something changed. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** An element that the page's own HTML has. @throws Error where it has not */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

/** Cuts the list of children to so many and makes those that lack: who stays keeps focus and state. */
export function resize<T>(list: T[], count: number, make: () => T, drop: (item: T) => void): void {
  while (list.length < count) list.push(make());
  for (const extra of list.splice(count)) drop(extra);
}
